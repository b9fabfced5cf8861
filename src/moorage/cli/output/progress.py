"""What `rollout status` says: how far the rollout of a workload is.

In: workloads. Out: texts, all pure. Rules: kubectl polymorphichelpers (fact sheet statefulset.md 1.9).
"""

from collections.abc import Callable

from moorage.api.refs import Document
from moorage.base.errors import UserError

Progress = tuple[str, bool]
"""What is said, and whether the rollout is complete."""


def of_deployment(workload: Document, revision: int) -> Progress:
    """Return how far the rollout of a Deployment is. Raises UserError where it is given up, or runs another revision."""
    metadata, status = workload["metadata"], workload.get("status") or {}
    name = metadata["name"]
    if revision > 0:
        _check_revision(metadata, revision)
    if metadata.get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...", False
    for condition in status.get("conditions") or ():
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            raise UserError(f'deployment "{name}" exceeded its progress deadline')
    wanted = workload["spec"].get("replicas", 1)
    updated, total, there = (status.get(key, 0) for key in ("updatedReplicas", "replicas", "availableReplicas"))
    waiting = f'Waiting for deployment "{name}" rollout to finish:'
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new replicas have been updated...", False
    if total > updated:
        return f"{waiting} {total - updated} old replicas are pending termination...", False
    if there < updated:
        return f"{waiting} {there} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def _check_revision(metadata: Document, revision: int) -> None:
    running = int((metadata.get("annotations") or {}).get("deployment.kubernetes.io/revision") or 0)
    if running != revision:
        raise UserError(f"desired revision ({revision}) is different from the running revision ({running})")


def of_set(workload: Document, _revision: int) -> Progress:
    """Return how far the rollout of a set is, and whether it is complete. Raises UserError for OnDelete."""
    spec, status = workload["spec"], workload.get("status") or {}
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") != "RollingUpdate":
        raise UserError("rollout status is only available for RollingUpdate strategy type")
    observed = status.get("observedGeneration", 0)
    if not observed or workload["metadata"].get("generation", 0) > observed:
        return "Waiting for statefulset spec update to be observed...", False
    wanted = spec.get("replicas", 1)
    missing = wanted - status.get("readyReplicas", 0)
    if missing > 0:
        return f"Waiting for {missing} pods to be ready...", False
    if strategy.get("rollingUpdate") is not None:
        return _partitioned(wanted, strategy["rollingUpdate"].get("partition"), status.get("updatedReplicas", 0))
    if status.get("updateRevision") != status.get("currentRevision"):
        pods, revision = status.get("updatedReplicas", 0), status.get("updateRevision", "")
        return f"waiting for statefulset rolling update to complete {pods} pods at revision {revision}...", False
    pods, revision = status.get("currentReplicas", 0), status.get("currentRevision", "")
    return f"statefulset rolling update complete {pods} pods at revision {revision}...", True


def _partitioned(wanted: int, partition: int | None, updated: int) -> Progress:
    if partition is not None and updated < wanted - partition:
        goal = wanted - partition
        return (
            f"Waiting for partitioned roll out to finish: {updated} out of {goal} new pods have been updated...",
            False,
        )
    return f"partitioned roll out complete: {updated} new pods have been updated...", True


def of_daemon_set(workload: Document, _revision: int) -> Progress:
    """Return how far the rollout of a daemon set is. Raises UserError for OnDelete."""
    metadata, status = workload["metadata"], workload.get("status") or {}
    if (workload["spec"].get("updateStrategy") or {}).get("type") != "RollingUpdate":
        raise UserError("rollout status is only available for RollingUpdate strategy type")
    if metadata.get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for daemon set spec update to be observed...", False
    wanted, updated, there = (
        status.get(key, 0) for key in ("desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable")
    )
    waiting = f'Waiting for daemon set "{metadata["name"]}" rollout to finish:'
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new pods have been updated...", False
    if there < wanted:
        return f"{waiting} {there} of {wanted} updated pods are available...", False
    return f'daemon set "{metadata["name"]}" successfully rolled out', True


PROGRESS: dict[str, Callable[[Document, int], Progress]] = {
    "DaemonSet": of_daemon_set,
    "Deployment": of_deployment,
    "StatefulSet": of_set,
}
"""By kind: (workload, revision asked for or 0) → progress."""
