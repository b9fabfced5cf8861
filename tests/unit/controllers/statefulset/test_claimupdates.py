"""Claims against their templates, one at a time: who is patched, what is told, and who is left alone."""

import datetime
from typing import Any

import pytest

from moorage.api import extensions
from moorage.api.refs import Document
from moorage.api.scheme import CONTROLLERREVISIONS, PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS, STORAGECLASSES
from moorage.controllers.statefulset.claimupdates import CONDITION, MAX_TOLD, RECORD
from moorage.controllers.statefulset.decide import decide
from moorage.controllers.statefulset.snapshot import take
from moorage.reconcile.actions import Batch, Patch
from moorage.reconcile.plan import Plan
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)


def claim(request: str, capacity: str, *conditions: str, name: str = "data-web-0", **spec: Any) -> Document:
    """Return a claim of class `fast`; without capacity it is pending."""
    body = {"storageClassName": "fast", "resources": {"requests": {"storage": request}}, **spec}
    told = [{"type": one, "status": "True", "message": f"about {one}"} for one in conditions]
    bound = {"phase": "Bound", "capacity": {"storage": capacity}, "conditions": told}
    metadata = {**make.claim(name)["metadata"], "labels": {"app": "web"}}
    return {"metadata": metadata, "spec": body, "status": bound if capacity else {"phase": "Pending"}}


def plan(
    *claims: Document, template: Document | None = None, status: Document | None = None, asked: str = "true"
) -> Plan:
    """Return the plan of a set of three running pods whose claim template asks for 2Gi."""
    spec = {"resources": {"requests": {"storage": "2Gi"}}}
    templates = [template or {"metadata": {"name": "data"}, "spec": spec}]
    metadata = {"annotations": {extensions.UPDATE_CLAIMS: asked}}
    owner = make.stateful_set(status, metadata, volumeClaimTemplates=templates)
    caches = make.Caches((STATEFULSETS, owner), (CONTROLLERREVISIONS, make.revision()))
    caches.put((STORAGECLASSES, {"metadata": {"name": "fast"}, "allowVolumeExpansion": True}))
    caches.put(*((PODS, make.pod(f"web-{ordinal}")) for ordinal in range(3)))
    caches.put(*((PERSISTENTVOLUMECLAIMS, one) for one in claims))
    snapshot = take(make.KEY, caches)
    assert snapshot is not None
    return decide(snapshot, NOW)


def patches(made: Plan) -> dict[str, Document]:
    """Return what is patched, by claim; patches are independent of each other and of pods."""
    batches = [step for step in made.cleanup if isinstance(step, Batch)]
    found = [one for batch in batches for sequence in batch.sequences for one in sequence if isinstance(one, Patch)]
    assert all(one.resource == PERSISTENTVOLUMECLAIMS and one.resource_version for one in found)
    return {one.key.name: one.body for one in found}


def condition(made: Plan) -> tuple[str, str, str]:
    """Return the set's condition about claims: status, reason, message without the count."""
    assert made.status is not None
    (found,) = [one for one in made.status.document["status"]["conditions"] if one["type"] == CONDITION]
    return found["status"], found["reason"], found["message"].partition("; ")[2]


@pytest.mark.parametrize(
    ("seen", "asked", "gate", "told"),
    [
        (claim("1Gi", "1Gi"), "2Gi", "", "1Gi of 2Gi"),
        (claim("2Gi", "1Gi", "Resizing"), "", "ClaimGrowing", "1Gi of 2Gi, Resizing, about Resizing"),
        (
            claim("2Gi", "1Gi", "FileSystemResizePending"),
            "",
            "ClaimGrowing",
            "1Gi of 2Gi, FileSystemResizePending, about FileSystemResizePending",
        ),
        (
            claim("2Gi", "1Gi", "Resizing", "NodeResizeError"),
            "",
            "ClaimGrowthFailed",
            "1Gi of 2Gi, about NodeResizeError",
        ),
        (claim("1Gi", ""), "", "ClaimGrowing", "phase Pending: only bound claims grow"),
        (
            claim("1Gi", "1Gi", storageClassName="slow"),
            "",
            "ClaimFixedSize",
            "StorageClass slow does not allow volume expansion",
        ),
        # a growth to more than the template asks for by now is withdrawn, whatever the class says today
        (claim("3Gi", "1Gi", storageClassName="slow"), "2Gi", "", "1Gi of 2Gi"),
    ],
)
def test_a_claim_behind_its_template(seen: Document, asked: str, gate: str, told: str) -> None:
    made = plan(seen)
    assert patches(made) == ({seen["metadata"]["name"]: _asking(asked)} if asked else {})
    assert [one.name for one in made.gates] == ([gate] if gate else [])
    assert condition(made) == ("False", gate or "Updating", f"data-web-0: {told}")


def _asking(size: str) -> Document:
    return {"spec": {"resources": {"requests": {"storage": size}}}}


@pytest.mark.parametrize("seen", [claim("2Gi", "2Gi"), claim("9Gi", "9Gi"), claim("1Gi", "5Gi"), claim("2Gi", "")])
def test_a_claim_that_has_enough_or_is_being_made_so(seen: Document) -> None:
    made = plan(seen)
    assert (patches(made), made.gates) == ({}, ())
    assert condition(made) == ("True", "UpToDate", "")


def test_reserved_annotations_and_what_others_wrote_are_left_alone() -> None:
    marks = {"backup": "daily", "volume.kubernetes.io/selected-node": "node-9"}
    template = {"metadata": {"name": "data", "labels": {"tier": "gold", "app": "no"}, "annotations": marks}, "spec": {}}
    seen = claim("1Gi", "1Gi")
    seen["metadata"]["labels"]["owner"] = "somebody"
    record = '{"annotations":{"backup":"daily"},"labels":{"app":"web","tier":"gold"}}'
    wanted = {"metadata": {"labels": {"tier": "gold"}, "annotations": {"backup": "daily", RECORD: record}}}
    assert patches(plan(seen, template=template)) == {"data-web-0": wanted}


@pytest.mark.parametrize(
    ("record", "removed"),
    [
        (
            '{"annotations":{"backup":"daily"},"labels":{"tier":"gold"}}',
            {"labels": {"tier"}, "annotations": {"backup", RECORD}},
        ),
        # others have changed the values since, or removed what is named
        ('{"annotations":{"backup":"hourly"},"labels":{"tier":"lead","zone":"a"}}', {"annotations": {RECORD}}),
        # what the selector or the template still asks for stays, whatever was recorded
        ('{"labels":{"app":"web"}}', {"annotations": {RECORD}}),
        ('{"labels":{"tier":1}}', {"annotations": {RECORD}}),
        ("spoilt", {"annotations": {RECORD}}),
        ("", {}),
    ],
)
def test_what_a_template_no_longer_has_goes_if_it_is_as_the_set_wrote_it(
    record: str, removed: dict[str, set[str]]
) -> None:
    seen = claim("2Gi", "2Gi")
    seen["metadata"]["labels"]["tier"] = "gold"
    seen["metadata"]["annotations"] = {"backup": "daily", **({RECORD: record} if record else {})}
    body = {kind: dict.fromkeys(keys) for kind, keys in removed.items()}
    assert patches(plan(seen)) == ({"data-web-0": {"metadata": body}} if body else {})


def test_many_claims_are_told_by_the_worst() -> None:
    slow = [claim("2Gi", "1Gi", name=f"data-web-{index}") for index in range(9)]
    broken = claim("2Gi", "1Gi", "ControllerResizeError", name="data-web-9")
    made = plan(*slow, broken)
    status, reason, message = condition(made)
    assert (status, reason) == ("False", "ClaimGrowthFailed")
    assert [one.name for one in made.gates] == ["ClaimGrowthFailed", *["ClaimGrowing"] * (MAX_TOLD - 1)]
    assert message.startswith("data-web-9: 1Gi of 2Gi, about ControllerResizeError; data-web-0: 1Gi of 2Gi; ")
    assert message.endswith("; 5 more")


def test_unasked_nothing_is_done_and_the_condition_goes_but_others_stay() -> None:
    old = [{"type": CONDITION, "status": "True"}, {"type": "Progressing", "status": "True"}]
    made = plan(claim("1Gi", "1Gi"), asked="false", status={"conditions": old})
    assert patches(made) == {}
    assert made.status is not None
    assert made.status.document["status"]["conditions"] == old[1:]
