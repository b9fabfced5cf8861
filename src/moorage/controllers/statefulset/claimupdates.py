"""Existing claims follow changed claim templates: size upwards, labels, annotations; and how far each one is.

In: `Situation` of a set that asks for it (`moorage.dev/update-claims`). Out: `Updates`: patches of claims, gates, a condition.
Beyond Kubernetes, where claim templates cannot change (#68737); rules after KEP-4650. Never fewer bytes than a claim has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from moorage.api import conditions, meta, quantity
from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS
from moorage.api.views.storage import PersistentVolumeClaim
from moorage.controllers.statefulset import gates, identity
from moorage.controllers.statefulset.claims import claim_document
from moorage.controllers.statefulset.situation import Situation
from moorage.controllers.statefulset.snapshot import ClaimCached, claim_berth
from moorage.reconcile.actions import Batch, Emit, Patch, Step
from moorage.reconcile.plan import Gate

CONDITION = "moorage.dev/ClaimsUpToDate"
MAX_TOLD = 5
"""Claims that gates and the condition's message name one by one."""
RECORD = "moorage.dev/from-template"
"""On a claim, JSON: the labels and annotations its template asked for when the set last looked. Written in the same patch as
those, so that it is never ahead of or behind them; what is taken out of a template is removed only as far as it stands there."""
_RESERVED = ("volume.kubernetes.io/", "volume.beta.kubernetes.io/", "pv.kubernetes.io/", RECORD)
"""Annotations of binding, provisioning and of this module: a claim's own, whatever a template says."""
_encode = msgspec.json.Encoder(order="sorted").encode
_TROUBLE = ("ControllerResizeError", "NodeResizeError")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim against its template.

    Args:
        claim: the claim.
        body: the patch it needs, empty for none.
        state: "" where it is as its template asks, else the gate that says why not.
        evidence: how far it is.
        wanted: the size its template asks for.
    """

    claim: ClaimCached
    body: Document = field(default_factory=dict)
    state: str = ""
    evidence: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Updates:
    """What following the templates means now.

    Args:
        steps: patches of claims; none depends on another.
        gates: why claims are not there yet.
        conditions: the set's conditions.
    """

    steps: tuple[Step, ...] = ()
    gates: tuple[Gate, ...] = ()
    conditions: tuple[Document, ...] = ()

    def told(self, status: Document) -> Document:
        """Return a status with these conditions."""
        rest = {key: value for key, value in status.items() if key != "conditions"}
        return {**rest, "conditions": list(self.conditions)} if self.conditions else rest


def follow(situation: Situation) -> Updates:
    """Judge every claim of the set, also of pods that are scaled away: they come back with the size of the others."""
    spec = situation.spec
    present = conditions.conditions(spec.document)
    others = tuple(dict(one) for one in present if one.get("type") != CONDITION)
    if not situation.options.update_claims or not spec.claim_templates or spec.deleting:
        return Updates(conditions=others)
    verdicts = tuple(_verdicts(situation))
    sequences = tuple((_patch(situation, one),) for one in verdicts if one.body)
    late = sorted((one for one in verdicts if one.state or one.body), key=_rank)
    stated = [one for one in late if one.state]
    return Updates(
        steps=(Batch(sequences),) if sequences else (),
        gates=tuple(gates.claim_late(one.state, one.claim, one.wanted, one.evidence) for one in stated[:MAX_TOLD]),
        conditions=tuple(conditions.with_condition(present, _condition(verdicts, late), situation.now)),
    )


def _verdicts(situation: Situation) -> Iterator[Verdict]:
    spec = situation.spec
    stems = {identity.claim_stem(meta.name(one), spec.name): one for one in spec.claim_templates}
    for claim in situation.claims.present:
        template = stems.get(claim_berth(claim).stem)
        if template is not None and not claim_berth(claim).deleting:
            yield _judge(situation, claim, template)


def _judge(situation: Situation, claim: ClaimCached, template: Document) -> Verdict:
    body = _metadata(situation, claim, template)
    view: PersistentVolumeClaim = claim.view
    wanted, asked = _storage(((template.get("spec") or {}).get("resources") or {}).get("requests")), view.spec.resources
    has, requested = _storage(view.status.capacity), _storage(asked.requests)
    if has >= wanted:
        return Verdict(claim, body)
    bound = view.status.phase == "Bound"
    state, evidence = _progress(view)
    if requested == wanted:
        return Verdict(claim, body, state if bound else "", evidence, str(wanted))
    if not bound:
        evidence = f"phase {view.status.phase or 'Pending'}: only bound claims grow"
        return Verdict(claim, body, "ClaimGrowing", evidence, str(wanted))
    if requested < wanted and (view.spec.storage_class_name or "") not in situation.growable:
        evidence = f"StorageClass {view.spec.storage_class_name or '(none)'} does not allow volume expansion"
        return Verdict(claim, body, "ClaimFixedSize", evidence, str(wanted))
    body["spec"] = {"resources": {"requests": {"storage": str(wanted)}}}
    return Verdict(claim, body, "", f"{has} of {wanted}", str(wanted))


def _progress(view: PersistentVolumeClaim) -> tuple[str, str]:
    """Return (gate, evidence) of a claim that grows: how far it is, and what its resizer says."""
    told = {one.type: one.message for one in view.status.conditions if one.status == "True"}
    size = f"{_storage(view.status.capacity)} of {_storage(view.spec.resources.requests)}"
    for name in _TROUBLE:
        if name in told:
            return "ClaimGrowthFailed", f"{size}, {told[name] or name}"
    doing = next((name for name in ("FileSystemResizePending", "Resizing") if name in told), "")
    return "ClaimGrowing", ", ".join(word for word in (size, doing, told.get(doing, "")) if word)


def _metadata(situation: Situation, claim: ClaimCached, template: Document) -> Document:
    """Return the labels and annotations a claim lacks, and none for those it has only because its template had them."""
    asked = claim_document(situation.spec, template, claim.key.name)["metadata"]
    marks = {key: value for key, value in (asked.get("annotations") or {}).items() if not key.startswith(_RESERVED)}
    wanted: dict[str, dict[str, str]] = {"labels": asked["labels"], "annotations": marks}
    view = claim.view.metadata
    present = {"labels": view.labels, "annotations": view.annotations}
    record, before = _record(template, wanted), view.annotations.get(RECORD, "")
    had = _recorded(before)
    found = {kind: _changes(wanted[kind], present[kind], had.get(kind, {})) for kind in wanted}
    if record != before:
        found["annotations"][RECORD] = record or None
    kept = {kind: values for kind, values in found.items() if values}
    return {"metadata": kept} if kept else {}


def _changes(wanted: Mapping[str, str], present: Mapping[str, str], had: Mapping[str, str]) -> dict[str, str | None]:
    """Return what to set, and what to remove: of what the template had before, what nobody has changed since."""
    missing: dict[str, str | None] = {key: value for key, value in wanted.items() if present.get(key) != value}
    gone = {key: None for key, value in had.items() if key not in wanted and present.get(key) == value}
    return missing | gone


def _record(template: Document, wanted: Mapping[str, Mapping[str, str]]) -> str:
    """Return what a claim is to remember: labels and annotations it owes its template; "" for none."""
    named = {"labels": meta.labels(template), "annotations": meta.annotations(template)}
    own = {kind: {key: wanted[kind][key] for key in named[kind] if key in wanted[kind]} for kind in wanted}
    kept = {kind: values for kind, values in own.items() if values}
    return _encode(kept).decode() if kept else ""


def _recorded(text: str) -> dict[str, dict[str, str]]:
    """Return what a claim remembers; nothing where somebody has spoilt it."""
    try:
        return msgspec.json.decode(text, type=dict[str, dict[str, str]]) if text else {}
    except msgspec.DecodeError:
        return {}


def _patch(situation: Situation, verdict: Verdict) -> Patch:
    claim, spec = verdict.claim, situation.spec
    pod = identity.pod_name(spec.name, claim_berth(claim).ordinal)
    good = f"update Claim {claim.key.name} Pod {pod} in StatefulSet {spec.name} success"
    bad = f"update Claim {claim.key.name} for Pod {pod} in StatefulSet {spec.name} failed error: {{error}}"
    return Patch(
        PERSISTENTVOLUMECLAIMS,
        claim.key,
        verdict.body,
        meta.uid(claim.document),
        resource_version=meta.resource_version(claim.document),
        on_success=Emit(spec.document, "Normal", "SuccessfulUpdate", good),
        on_failure=Emit(spec.document, "Warning", "FailedUpdate", bad),
        missing_ok=True,
    )


def _condition(verdicts: tuple[Verdict, ...], late: list[Verdict]) -> Document:
    """Return the condition: how many claims are there, and what the first others say."""
    count = f"{len(verdicts) - len(late)} of {len(verdicts)} claims are as their templates ask"
    if not late:
        return {"type": CONDITION, "status": "True", "reason": "UpToDate", "message": count}
    told = [f"{one.claim.key.name}: {one.evidence or 'labels or annotations'}" for one in late[:MAX_TOLD]]
    more = [f"{len(late) - MAX_TOLD} more"] if len(late) > MAX_TOLD else []
    reason = late[0].state or "Updating"
    return {"type": CONDITION, "status": "False", "reason": reason, "message": "; ".join([count, *told, *more])}


_RANKS = ("ClaimGrowthFailed", "ClaimFixedSize", "ClaimGrowing", "")


def _rank(verdict: Verdict) -> tuple[int, int]:
    """Return the place of a claim in what is told: the worst first, then by ordinal."""
    return _RANKS.index(verdict.state), claim_berth(verdict.claim).ordinal


def _storage(amounts: Mapping[str, Any] | None) -> quantity.Quantity:
    return quantity.parse(str((amounts or {}).get("storage", "0")))
