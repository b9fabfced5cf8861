"""What `rollout` says: how far a set's rollout is, its history, which revision an undo goes to.

In: StatefulSet and ControllerRevision documents. Out: texts and choices, all pure.
Rules: kubectl polymorphichelpers (fact sheet statefulset.md 1.9).
"""

from collections.abc import Sequence
from typing import Any

from moorage.api.refs import Document
from moorage.base.errors import UserError
from moorage.cli.output import tabs
from moorage.cli.output.describe import template
from moorage.cli.output.describe.sheet import Sheet

CHANGE_CAUSE = "kubernetes.io/change-cause"


def progress(workload: Document) -> tuple[str, bool]:
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


def _partitioned(wanted: int, partition: int | None, updated: int) -> tuple[str, bool]:
    if partition is not None and updated < wanted - partition:
        goal = wanted - partition
        return (
            f"Waiting for partitioned roll out to finish: {updated} out of {goal} new pods have been updated...",
            False,
        )
    return f"partitioned roll out complete: {updated} new pods have been updated...", True


def own(revisions: Sequence[Document], workload: Document) -> list[Document]:
    """Return the revisions that the workload controls, oldest first."""
    uid = workload["metadata"].get("uid")
    controlled = [
        revision
        for revision in revisions
        if any(
            owner.get("controller") and owner.get("uid") == uid
            for owner in revision["metadata"].get("ownerReferences") or ()
        )
    ]
    return sorted(controlled, key=lambda revision: int(revision["revision"]))


def history(revisions: Sequence[Document]) -> str:
    """Return the table of revisions."""
    if not revisions:
        return "No rollout history found."
    rows = [f"{one['revision']}\t{_cause(one)}" for one in revisions]
    return tabs.align("\n".join(["REVISION\tCHANGE-CAUSE", *rows])) + "\n"


def details(revisions: Sequence[Document], number: int) -> str:
    """Return the pod template of one revision. Raises: UserError."""
    found = next((one for one in revisions if one["revision"] == number), None)
    if found is None:
        raise UserError("unable to find the specified revision")
    return show_template(found)


def show_template(revision: Document) -> str:
    """Return the pod template of a revision, its tabs as they are."""
    sheet = Sheet()
    template.write(sheet, _template(revision))
    return sheet.text()


def undo_target(revisions: Sequence[Document], number: int) -> Document:
    """Return the revision to go back to: `number`, or for 0 the one before the newest. Raises: UserError."""
    if number:
        found = next((one for one in revisions if one["revision"] == number), None)
        if found is None:
            raise UserError(f"unable to find specified revision {number} in history")
        return found
    if len(revisions) < 2:
        raise UserError("no last revision to roll back to")
    return revisions[-2]


def is_current(workload: Document, revision: Document) -> bool:
    """Return whether the workload's template is the revision's already."""
    return bool(_without_nulls(workload["spec"].get("template")) == _without_nulls(_template(revision)))


def _template(revision: Document) -> Document:
    """Return the pod template in a revision's patch."""
    patch = ((revision.get("data") or {}).get("spec") or {}).get("template") or {}
    return {key: value for key, value in patch.items() if key != "$patch"}


def _without_nulls(value: Any) -> Any:
    """Return a value without nulls and empty structs, which only the encoding of a revision has (`creationTimestamp`)."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None and one != {}}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _cause(revision: Document) -> str:
    return (revision["metadata"].get("annotations") or {}).get(CHANGE_CAUSE) or "<none>"
