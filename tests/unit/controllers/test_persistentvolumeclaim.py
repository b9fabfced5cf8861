"""The binder's claim side: matching, binding order, waiting, loss."""

from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from moorage.controllers import persistentvolumeclaim
from moorage.reconcile.actions import ConfirmAbsent, Emit, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing

DATA = key("data")
DONE = {"pv.kubernetes.io/bind-completed": "yes"}
DEFAULT = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}


def _claim(annotations: dict[str, str] | None = None, status: Document | None = None, **spec: Any) -> Document:
    wanted = {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "fast",
        **spec,
    }  # fmt: skip
    metadata = {"annotations": annotations or {}}
    return thing(PERSISTENTVOLUMECLAIMS, "data", metadata, spec=wanted, status=status or {"phase": "Pending"})


def _volume(name: str = "v", size: str = "1Gi", phase: str = "Available", **spec: Any) -> Document:
    offered = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}, "storageClassName": "fast", **spec}
    return thing(PERSISTENTVOLUMES, name, spec=offered, status={"phase": phase})


def _class(mode: str = "Immediate", name: str = "fast", provisioner: str = "x.y/z") -> Document:
    return thing(STORAGECLASSES, name, provisioner=provisioner, volumeBindingMode=mode)


def _reference(uid: str = "uid-data", name: str = "data") -> Document:
    return {"namespace": "default", "name": name, "uid": uid}


def _plan(*documents: Document) -> Plan:
    caches = FilledCaches(persistentvolumeclaim.build())
    caches.put(*documents)
    plan = caches.decide(DATA)
    assert plan is not None
    return plan


def _patches(plan: Plan) -> list[tuple[str, str, Document]]:
    return [(step.key.name, step.subresource, step.body) for step in plan.steps if isinstance(step, Patch)]


def _bound_to(plan: Plan) -> str:
    return next((name for name, part, body in _patches(plan) if "claimRef" in body.get("spec", {})), "")


def _events(plan: Plan) -> list[tuple[str, str]]:
    return [(step.reason, step.message) for step in plan.steps if isinstance(step, Emit)]


def test_binding_writes_in_the_order_that_survives_a_crash() -> None:
    plan = _plan(_claim(), _volume())
    assert [(name, part) for name, part, _ in _patches(plan)] == [
        ("v", ""),
        ("v", "status"),
        ("data", ""),
        ("data", "status"),
    ]
    reserve, mark_volume, name_volume, mark_claim = (body for _, _, body in _patches(plan))
    assert reserve["spec"]["claimRef"]["uid"] == "uid-data"
    assert reserve["metadata"]["annotations"] == {"pv.kubernetes.io/bound-by-controller": "yes"}
    assert mark_volume["status"]["phase"] == "Bound"
    assert name_volume["spec"] == {"volumeName": "v"}
    assert name_volume["metadata"]["annotations"] == {**DONE, "pv.kubernetes.io/bound-by-controller": "yes"}
    assert mark_claim["status"] == {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
    first = plan.steps[0]
    assert isinstance(first, Patch)
    assert (first.uid, first.resource_version) == ("uid-v", "2")


def test_a_crash_half_way_is_finished() -> None:
    reserved = _volume(phase="Bound", claimRef=_reference())
    assert [(name, part) for name, part, _ in _patches(_plan(_claim(), reserved))] == [("data", ""), ("data", "status")]
    named = _claim(DONE, volumeName="v")
    assert [(name, part) for name, part, _ in _patches(_plan(named, reserved))] == [("data", "status")]
    status = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
    assert _plan(_claim(DONE, status, volumeName="v"), reserved) == Plan()


@pytest.mark.parametrize(
    ("volume", "fits"),
    [
        (_volume(), True),
        (_volume(size="2Gi"), True),
        (_volume(size="900Mi"), False),
        (_volume(storageClassName="slow"), False),
        (_volume(accessModes=["ReadOnlyMany"]), False),
        (_volume(accessModes=["ReadOnlyMany", "ReadWriteOnce"]), True),
        (_volume(volumeMode="Block"), False),
        (_volume(phase="Released"), False),
        (_volume(phase="Pending"), False),
        (_volume(claimRef=_reference("other", "other")), False),
        (_volume(claimRef=_reference("older")), False),
        (_volume(claimRef=_reference("")), True),
    ],
)
def test_which_volume_fits(volume: Document, fits: bool) -> None:  # noqa: FBT001  a table of cases
    assert (_bound_to(_plan(_claim(), volume, _class())) == "v") == fits


def test_the_closest_volume_wins() -> None:
    modes = ["ReadWriteOnce", "ReadOnlyMany"]
    volumes = [_volume("big", "9Gi"), _volume("small", "2Gi"), _volume("wide", "1Gi", accessModes=modes)]
    assert _bound_to(_plan(_claim(), *volumes)) == "small"


def test_a_reserved_volume_wins_whatever_its_class() -> None:
    reserved = _volume("mine", "9Gi", storageClassName="other", claimRef=_reference(""))
    assert _bound_to(_plan(_claim(), _volume("free"), reserved)) == "mine"


def test_a_selector_chooses_by_label() -> None:
    labelled = _volume("l", "5Gi")
    labelled["metadata"]["labels"] = {"disk": "ssd"}
    claim = _claim(selector={"matchLabels": {"disk": "ssd"}})
    assert _bound_to(_plan(claim, _volume("v"), labelled)) == "l"


def test_waiting_for_the_first_consumer() -> None:
    plan = _plan(_claim(), _volume(), _class("WaitForFirstConsumer"))
    assert _events(plan) == [("WaitForFirstConsumer", "waiting for first consumer to be created before binding")]
    assert _patches(plan) == []
    assert plan.gates[0].name == "WaitForFirstConsumer"


def test_waiting_for_an_unscheduled_pod() -> None:
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]
    plan = _plan(_claim(), _class("WaitForFirstConsumer"), thing(PODS, "web-0", spec={"volumes": volumes}))
    assert _events(plan) == [("WaitForPodScheduled", "waiting for pod web-0 to be scheduled")]


def test_a_selected_node_starts_provisioning() -> None:
    claim = _claim({"volume.kubernetes.io/selected-node": "n1"})
    plan = _plan(claim, _class("WaitForFirstConsumer"))
    (_, _, body), *_ = _patches(plan)
    assert body["metadata"]["annotations"] == {
        "volume.kubernetes.io/storage-provisioner": "x.y/z", "volume.beta.kubernetes.io/storage-provisioner": "x.y/z",
    }  # fmt: skip
    ((reason, message),) = _events(plan)
    assert reason == "ExternalProvisioning"
    assert "external provisioner 'x.y/z'" in message


def test_provisioning_is_asked_for_once() -> None:
    marks = {
        "volume.kubernetes.io/storage-provisioner": "x.y/z", "volume.beta.kubernetes.io/storage-provisioner": "x.y/z",
    }  # fmt: skip
    assert _patches(_plan(_claim(marks), _class())) == []


def test_a_class_that_does_not_exist_or_makes_nothing() -> None:
    assert _events(_plan(_claim())) == [("ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')]
    plan = _plan(_claim(), _class(provisioner="kubernetes.io/no-provisioner"))
    assert _events(plan) == [("ProvisioningFailed", "no volume plugin matched name: kubernetes.io/no-provisioner")]


def test_no_class_and_nothing_that_fits() -> None:
    text = "no persistent volumes available for this claim and no storage class is set"
    assert _events(_plan(_claim(storageClassName=""))) == [("FailedBinding", text)]
    assert _events(_plan(_claim(storageClassName=None))) == [("FailedBinding", text)]


def test_the_default_class_is_given_later() -> None:
    default = _class(name="std")
    default["metadata"].update(DEFAULT)
    assert _patches(_plan(_claim(storageClassName=None), default)) == [
        ("data", "", {"spec": {"storageClassName": "std"}})
    ]
    assert _patches(_plan(_claim(storageClassName=""), default)) == []


def test_the_newest_default_class_counts() -> None:
    old, new = _class(name="old"), _class(name="new")
    old["metadata"].update(DEFAULT)
    new["metadata"].update({**DEFAULT, "creationTimestamp": "2026-02-01T00:00:00Z"})
    plan = _plan(_claim(storageClassName=None), new, old)
    assert _patches(plan)[0][2] == {"spec": {"storageClassName": "new"}}


def test_a_new_claim_becomes_pending() -> None:
    plan = _plan(_claim(status={"phase": ""}), _class())
    assert ("data", "status", {"status": {"phase": "Pending"}}) in _patches(plan)


@pytest.mark.parametrize(
    ("volume", "why"),
    [
        (_volume(size="1Mi"), "requested PV is too small"),
        (_volume(storageClassName="other"), "storageClassName does not match"),
        (_volume(volumeMode="Block"), "incompatible volumeMode"),
        (_volume(accessModes=["ReadOnlyMany"]), "incompatible accessMode"),
    ],
)
def test_a_volume_asked_for_by_name_must_fit(volume: Document, why: str) -> None:
    plan = _plan(_claim(volumeName="v"), volume)
    assert _events(plan) == [("VolumeMismatch", f'Cannot bind to requested volume "v": {why}')]
    assert _bound_to(plan) == ""


def test_a_volume_asked_for_by_name_is_bound_and_not_marked_as_our_choice() -> None:
    plan = _plan(_claim(volumeName="v"), _volume())
    assert _bound_to(plan) == "v"
    name_volume = _patches(plan)[2][2]
    assert name_volume == {"metadata": {"annotations": DONE}}


def test_a_volume_asked_for_by_name_may_be_taken_or_missing() -> None:
    plan = _plan(_claim(volumeName="v"), _volume(claimRef=_reference("other", "other")))
    assert _events(plan) == [("FailedBinding", 'volume "v" already bound to a different claim.')]
    assert _plan(_claim(volumeName="v")).gates[0].name == "VolumeMissing"


def test_loss_is_confirmed_live_before_it_is_told() -> None:
    plan = _plan(_claim(DONE, {"phase": "Bound"}, volumeName="v"))
    assert plan.steps[0] == ConfirmAbsent(PERSISTENTVOLUMES, key("v", ""), "")
    assert _patches(plan)[0][2]["status"]["phase"] == "Lost"
    assert _events(plan)[0][0] == "ClaimLost"
    assert _plan(_claim(DONE, {"phase": "Lost"}, volumeName="v")) == Plan()


def test_two_claims_on_one_volume() -> None:
    plan = _plan(_claim(DONE, {"phase": "Bound"}, volumeName="v"), _volume(claimRef=_reference("other", "other")))
    assert _events(plan)[0][0] == "ClaimMisbound"
    assert not any(isinstance(step, ConfirmAbsent) for step in plan.steps)


def test_triggers() -> None:
    caches = FilledCaches(persistentvolumeclaim.build())
    assert caches.put(_claim()) == {DATA}
    assert caches.put(_volume()) == {DATA}
    assert caches.put(_volume("w", storageClassName="other")) == set()
    assert caches.put(_volume("x", phase="Bound", claimRef=_reference())) == {DATA}
    assert caches.put(_class()) == {DATA}
    assert caches.put(_class(name="other")) == set()
    assert caches.put(_claim(volumeName="y")) == {DATA}
    assert caches.put(_volume("y", storageClassName="other")) == {DATA}
