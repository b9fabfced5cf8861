"""A volume's phases and what becomes of it."""

from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES
from moorage.controllers import persistentvolume
from moorage.reconcile.actions import ConfirmAbsent, Emit, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing

PROVISIONED = {"pv.kubernetes.io/provisioned-by": "x.y/z"}
CHOSEN = {"pv.kubernetes.io/bound-by-controller": "yes"}
REFERENCE = {"namespace": "default", "name": "data", "uid": "uid-data"}


def _volume(phase: str = "", annotations: dict[str, str] | None = None, **spec: Any) -> Document:
    return thing(PERSISTENTVOLUMES, "v", {"annotations": annotations or {}}, spec=spec, status={"phase": phase})


def _claim(volume: str = "v", uid: str = "uid-data") -> Document:
    return thing(PERSISTENTVOLUMECLAIMS, "data", {"uid": uid}, spec={"volumeName": volume})


def _plan(*documents: Document) -> Plan:
    caches = FilledCaches(persistentvolume.build())
    caches.put(*documents)
    plan = caches.decide(key("v", ""))
    assert plan is not None
    return plan


def _phase(plan: Plan) -> str:
    patches = [step for step in plan.steps if isinstance(step, Patch) and step.subresource == "status"]
    return patches[-1].body["status"]["phase"] if patches else ""


def test_unclaimed_and_reserved_volumes_are_available() -> None:
    assert _phase(_plan(_volume())) == "Available"
    assert _phase(_plan(_volume(claimRef={**REFERENCE, "uid": ""}))) == "Available"
    assert _plan(_volume("Available")) == Plan()


def test_a_volume_of_its_claim_is_bound() -> None:
    assert _phase(_plan(_volume(claimRef=REFERENCE), _claim())) == "Bound"
    assert _plan(_volume("Bound", claimRef=REFERENCE), _claim()) == Plan()


def test_a_claim_that_is_not_done_yet_is_waited_for() -> None:
    assert _plan(_volume(claimRef=REFERENCE), _claim("")) == Plan()


def test_a_volume_is_released_once_its_claim_is_really_gone() -> None:
    for others in ((), (_claim(uid="uid-newer"),)):
        plan = _plan(_volume("Bound", claimRef=REFERENCE, persistentVolumeReclaimPolicy="Retain"), *others)
        assert plan.steps[0] == ConfirmAbsent(PERSISTENTVOLUMECLAIMS, key("data"), "uid-data")
        assert _phase(plan) == "Released"


def test_a_retained_volume_stays_released() -> None:
    assert _plan(_volume("Released", claimRef=REFERENCE, persistentVolumeReclaimPolicy="Retain")) == Plan()


def test_deletion_is_left_to_the_provisioner() -> None:
    assert _plan(_volume("Released", PROVISIONED, claimRef=REFERENCE, persistentVolumeReclaimPolicy="Delete")) == Plan()


def test_what_nobody_can_reclaim_fails() -> None:
    for policy, reason in (("Delete", "VolumeFailedDelete"), ("Recycle", "VolumeFailedRecycle")):
        plan = _plan(_volume("Released", claimRef=REFERENCE, persistentVolumeReclaimPolicy=policy))
        assert _phase(plan) == "Failed"
        assert [step.reason for step in plan.steps if isinstance(step, Emit)] == [reason]
        assert _plan(_volume("Failed", claimRef=REFERENCE, persistentVolumeReclaimPolicy=policy)) == Plan()


def test_a_claim_bound_elsewhere_gives_the_volume_back() -> None:
    plan = _plan(_volume("Bound", CHOSEN, claimRef=REFERENCE), _claim("other"))
    first = plan.steps[0]
    assert isinstance(first, Patch)
    assert first.body["spec"] == {"claimRef": None}
    assert _phase(plan) == "Available"
    plan = _plan(_volume("Bound", claimRef=REFERENCE), _claim("other"))
    first = plan.steps[0]
    assert isinstance(first, Patch)
    assert first.body == {"spec": {"claimRef": {"uid": None, "resourceVersion": None}}}


def test_a_provisioned_volume_nobody_wants_is_released() -> None:
    volume = _volume("Bound", PROVISIONED, claimRef=REFERENCE, persistentVolumeReclaimPolicy="Delete")
    assert _phase(_plan(volume, _claim("other"))) == "Released"


def test_triggers() -> None:
    caches = FilledCaches(persistentvolume.build())
    assert caches.put(_volume()) == {key("v", "")}
    assert caches.put(_claim()) == {key("v", "")}
    assert caches.remove(_claim()) == {key("v", "")}
