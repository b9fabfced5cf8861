"""What `rollout history` and `rollout undo` say: the revisions of a workload, and which one an undo goes to.

In: workloads, with their ControllerRevisions or replica sets. Out: `Revision`s, texts and choices, all pure.
Rules: kubectl polymorphichelpers (fact sheet statefulset.md 1.9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.api.refs import Document
from moorage.base.errors import UserError
from moorage.cli.output import tabs
from moorage.cli.output.describe import template
from moorage.cli.output.describe.sheet import LAST_APPLIED, Sheet

CHANGE_CAUSE = "kubernetes.io/change-cause"
HASH_LABEL = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"
_NOT_RESTORED = (
    LAST_APPLIED,
    _REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)
"""Annotations of a Deployment that going back leaves as they are."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One remembered state of a workload.

    Args:
        number: of the revision.
        cause: why it was made, "" where nobody said.
        template: its pod template.
        patch: what brings the workload back to it: a strategic patch, or a list of operations.
        told: annotations that are shown with the template in its history.
    """

    number: int
    cause: str
    template: Document
    patch: Any
    told: Mapping[str, str] = field(default_factory=dict)


def of_controller_revisions(records: Sequence[Document], workload: Document) -> list[Revision]:
    """Return the revisions among ControllerRevisions that the workload controls, oldest first."""
    return sorted(map(_recorded, own(records, workload)), key=lambda one: one.number)


def of_replica_sets(records: Sequence[Document], workload: Document) -> list[Revision]:
    """Return the revisions among replica sets that the Deployment controls, oldest first."""
    found = (_replicated(one, workload) for one in own(records, workload))
    return sorted(found, key=lambda one: one.number)


def history(revisions: Sequence[Revision]) -> str:
    """Return the table of revisions."""
    if not revisions:
        return "No rollout history found."
    rows = [f"{one.number}\t{one.cause or '<none>'}" for one in revisions]
    return tabs.align("\n".join(["REVISION\tCHANGE-CAUSE", *rows])) + "\n"


def details(revisions: Sequence[Revision], number: int) -> str:
    """Return the pod template of one revision. Raises: UserError."""
    found = next((one for one in revisions if one.number == number), None)
    if found is None:
        raise UserError("unable to find the specified revision")
    metadata = found.template.get("metadata") or {}
    annotations = {**(metadata.get("annotations") or {}), **found.told}
    return show_template({**found.template, "metadata": {**metadata, "annotations": annotations}})


def show_template(found: Document) -> str:
    """Return a pod template as text, its tabs as they are."""
    sheet = Sheet()
    template.write(sheet, found)
    return sheet.text()


def undo_target(revisions: Sequence[Revision], number: int, nothing: str) -> Revision:
    """Return the revision to go back to: `number`, or for 0 the one before the newest.

    Raises: UserError; its text is `nothing` where there is no earlier one.
    """
    if number:
        found = next((one for one in revisions if one.number == number), None)
        if found is None:
            raise UserError(f"unable to find specified revision {number} in history")
        return found
    if len(revisions) < 2:
        raise UserError(nothing)
    return revisions[-2]


def is_current(workload: Document, revision: Revision) -> bool:
    """Return whether the workload's template is the revision's already."""
    return bool(_compared(workload["spec"].get("template")) == _compared(revision.template))


def same_template(one: Document, other: Document) -> bool:
    """Return whether two workloads have the same pod template."""
    return bool(_compared(one["spec"].get("template")) == _compared(other["spec"].get("template")))


def own(records: Sequence[Document], workload: Document) -> list[Document]:
    """Return the records that the workload controls."""
    uid = workload["metadata"].get("uid")
    return [
        one for one in records if any(_controls(owner, uid) for owner in one["metadata"].get("ownerReferences") or ())
    ]


def _controls(owner: Document, uid: str) -> bool:
    return bool(owner.get("controller")) and owner.get("uid") == uid


def _recorded(record: Document) -> Revision:
    patch = record.get("data") or {}
    shown = {key: value for key, value in ((patch.get("spec") or {}).get("template") or {}).items() if key != "$patch"}
    return Revision(int(record["revision"]), _annotations(record).get(CHANGE_CAUSE, ""), shown, patch)


def _replicated(record: Document, workload: Document) -> Revision:
    notes = _annotations(record)
    found = record["spec"].get("template") or {}
    cause = notes.get(CHANGE_CAUSE, "")
    kept = {key: value for key, value in _annotations(workload).items() if key in _NOT_RESTORED}
    restored = {key: value for key, value in notes.items() if key not in _NOT_RESTORED}
    patch = [
        {"op": "replace", "path": "/spec/template", "value": _without_hash(found)},
        {"op": "replace", "path": "/metadata/annotations", "value": {**kept, **restored}},
    ]
    return Revision(int(notes.get(_REVISION) or 0), cause, found, patch, {CHANGE_CAUSE: cause} if cause else {})


def _annotations(document: Document) -> Document:
    return document["metadata"].get("annotations") or {}


def _without_hash(found: Document) -> Document:
    metadata = found.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH_LABEL}
    return {**found, "metadata": {**metadata, "labels": labels}}


def _compared(found: Document | None) -> Any:
    """Return what of a template counts: without the hash, nulls and empty structs, which only encodings have."""
    return _without_nulls(_without_hash(found or {}))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None and one != {}}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
