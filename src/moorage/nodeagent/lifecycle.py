"""Where a pod stands: initialised, finished, which containers are done.

In: `Snapshot`. Out: answers that `decide` and `podstatus` must agree on. Pure.
Rules: the kubelet's computePodActions and getPhase, Kubernetes 1.32; sidecars as in KEP-753.
"""

from moorage.nodeagent import restarts
from moorage.nodeagent.podspec import Container, Role
from moorage.nodeagent.ports import ContainerState, RuntimeContainer
from moorage.nodeagent.snapshot import Snapshot

TERMINAL = ("Succeeded", "Failed")


def policy(snapshot: Snapshot, name: str) -> str:
    """Return the restart policy of one container."""
    role = snapshot.pod.role(name)
    if role is Role.SIDECAR:
        return "Always"
    wanted = snapshot.pod.spec.restart_policy
    # A regular init container that succeeded is not run again in the same sandbox.
    return "OnFailure" if role is Role.INIT and wanted == "Always" else wanted


def exited(container: RuntimeContainer | None) -> bool:
    """Return whether a container was started and ended."""
    return container is not None and container.state is ContainerState.EXITED


def running(container: RuntimeContainer | None) -> bool:
    """Return whether a container runs."""
    return container is not None and container.state is ContainerState.RUNNING


def done_for_good(snapshot: Snapshot, name: str) -> bool:
    """Return whether a container ended and will not run again."""
    found = snapshot.newest(name)
    return found is not None and exited(found) and not restarts.wanted(policy(snapshot, name), found)


def init_complete(snapshot: Snapshot, spec: Container) -> bool:
    """Return whether one init container has done its part in the newest sandbox."""
    found = snapshot.current(spec.name)
    if snapshot.pod.role(spec.name) is Role.SIDECAR:
        return found is not None and running(found) and snapshot.results(found, spec).started
    return found is not None and exited(found) and found.exit_code == 0


def initialized(snapshot: Snapshot) -> bool:
    """Return whether the main containers may start, or already have in this sandbox."""
    if any(snapshot.current(one.name) is not None for one in snapshot.pod.spec.containers):
        return True
    return all(init_complete(snapshot, one) for one in snapshot.pod.spec.init_containers)


def next_init(snapshot: Snapshot) -> Container | None:
    """Return the init container whose turn it is, None when all have done their part."""
    return next((one for one in snapshot.pod.spec.init_containers if not init_complete(snapshot, one)), None)


def outcome(snapshot: Snapshot) -> str:
    """Return `Succeeded` or `Failed` for a pod that will never run again, "" otherwise."""
    known = str(snapshot.pod.status.get("phase") or "")
    if known in TERMINAL:
        return known
    if snapshot.rejected is not None:
        return "Failed"
    if snapshot.termination is not None and snapshot.termination.cause == "failed":
        return "Failed"
    if _init_failed(snapshot):
        return "Failed"
    mains = snapshot.pod.spec.containers
    if not mains or not all(done_for_good(snapshot, one.name) for one in mains):
        return ""
    codes = [found.exit_code for found in (snapshot.newest(one.name) for one in mains) if found is not None]
    return "Succeeded" if not any(codes) else "Failed"


def _init_failed(snapshot: Snapshot) -> bool:
    if snapshot.pod.spec.restart_policy != "Never":
        return False
    regular = [one for one in snapshot.pod.spec.init_containers if snapshot.pod.role(one.name) is Role.INIT]
    ended = [found for found in (snapshot.newest(one.name) for one in regular) if found is not None and exited(found)]
    return any(found.exit_code != 0 for found in ended)
