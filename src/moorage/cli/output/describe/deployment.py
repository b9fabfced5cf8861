"""A Deployment in detail.

In: Deployment document, its replica sets as `around.related`. Out: lines. Layout: kubectl 1.32 describe deployment.
"""

from collections.abc import Sequence

from moorage.api import labels
from moorage.api.refs import Document
from moorage.cli.output import rollouts
from moorage.cli.output.describe import template
from moorage.cli.output.describe.sheet import NONE, Around, Sheet

_COUNTS = (("updatedReplicas", "updated"), ("replicas", "total"), ("availableReplicas", "available"))


def write(sheet: Sheet, workload: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = workload["metadata"], workload["spec"], workload.get("status") or {}
    sheet.fields((("Name", metadata["name"]), ("Namespace", metadata.get("namespace", ""))))
    sheet.field("CreationTimestamp", around.moment(metadata.get("creationTimestamp")))
    sheet.labels("Labels", metadata.get("labels"))
    sheet.annotations(metadata.get("annotations"))
    sheet.field("Selector", str(labels.from_document(spec.get("selector"))))
    counts = [f"{status.get(name, 0)} {word}" for name, word in (*_COUNTS, ("unavailableReplicas", "unavailable"))]
    sheet.field("Replicas", " | ".join([f"{spec.get('replicas', 1)} desired", *counts]))
    strategy = spec.get("strategy") or {}
    sheet.field("StrategyType", strategy.get("type", ""))
    sheet.field("MinReadySeconds", spec.get("minReadySeconds", 0))
    rolling = strategy.get("rollingUpdate")
    if rolling:
        text = f"{rolling.get('maxUnavailable', 0)} max unavailable, {rolling.get('maxSurge', 0)} max surge"
        sheet.field("RollingUpdateStrategy", text)
    template.write(sheet, spec.get("template") or {})
    reasons(sheet, status.get("conditions") or ())
    _replica_sets(sheet, workload, around.related)


def reasons(sheet: Sheet, conditions: Sequence[Document]) -> None:
    """Add the table of conditions, if there are any."""
    if not conditions:
        return
    sheet.line("Conditions:")
    sheet.line("Type\tStatus\tReason", 1)
    sheet.line("----\t------\t------", 1)
    for one in conditions:
        sheet.line(f"{one.get('type', '')} \t{one.get('status', '')}\t{one.get('reason', '')}", 1)


def _replica_sets(sheet: Sheet, workload: Document, sets: Sequence[Document]) -> None:
    own = rollouts.own(sets, workload)
    if not own:
        return
    own.sort(key=lambda one: (one["metadata"].get("creationTimestamp", ""), one["metadata"]["name"]))
    current = [one for one in own if rollouts.same_template(workload, one)][:1]
    sheet.field("OldReplicaSets", _named([one for one in own if one not in current]))
    sheet.field("NewReplicaSet", _named(current))


def _named(sets: Sequence[Document]) -> str:
    return ", ".join(map(_created, sets)) or NONE


def _created(one: Document) -> str:
    made, wanted = (one.get("status") or {}).get("replicas", 0), one["spec"].get("replicas", 1)
    return f"{one['metadata']['name']} ({made}/{wanted} replicas created)"
