"""Finalizers of claims and volumes in use."""

from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS
from moorage.controllers import protection
from moorage.reconcile.actions import ConfirmEmpty, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing

DATA = key("data")
DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
CLAIM, VOLUME = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"


def _pod(name: str = "web-0", node: str = "n1", phase: str = "Running") -> Document:
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]
    return thing(PODS, name, spec={"nodeName": node, "volumes": volumes}, status={"phase": phase})


def _claim(*finalizers: str, deleted: bool = False) -> Document:
    return thing(PERSISTENTVOLUMECLAIMS, "data", {"finalizers": [*finalizers], **(DELETED if deleted else {})})


def _claim_plan(*documents: Document) -> Plan:
    caches = FilledCaches(protection.build_claims())
    caches.put(*documents)
    plan = caches.decide(DATA)
    assert plan is not None
    return plan


def _finalizers(plan: Plan) -> list[str] | None:
    return next((step.body["metadata"]["finalizers"] for step in plan.steps if isinstance(step, Patch)), None)


def test_a_claim_is_protected() -> None:
    assert _finalizers(_claim_plan(_claim("x/y"))) == ["x/y", CLAIM]
    assert _claim_plan(_claim(CLAIM)) == Plan()


def test_a_deleted_claim_waits_for_pods_on_nodes() -> None:
    for phase in ("Running", "Succeeded"):
        plan = _claim_plan(_claim(CLAIM, deleted=True), _pod(phase=phase))
        assert plan.steps == ()
        assert plan.gates[0].name == "ClaimInUse"
        assert plan.gates[0].culprit.key == key("web-0")


def _at(pod: Document, revision: int) -> Document:
    return {**pod, "metadata": {**pod["metadata"], "resourceVersion": str(revision)}}


def test_a_deleted_claim_goes_once_a_live_read_shows_no_user() -> None:
    plan = _claim_plan(_claim("x/y", CLAIM, deleted=True), _pod(node=""))
    confirm = plan.steps[0]
    assert isinstance(confirm, ConfirmEmpty)
    assert (confirm.resource, confirm.namespace) == (PODS, "default")
    assert confirm.counts is not None
    assert confirm.counts(_at(_pod(), 2))
    assert confirm.counts(_at(_pod(), 0))
    assert confirm.counts(_at(_pod(node=""), 0))
    assert not confirm.counts(_at(_pod(node=""), 2))
    assert _finalizers(plan) == ["x/y"]


def test_a_pod_that_may_be_bound_without_knowing_that_its_claim_goes_is_told_first() -> None:
    plan = _claim_plan(_pod(node=""), _claim(CLAIM, deleted=True))
    told, confirm, _ = plan.steps
    assert isinstance(told, Patch)
    assert isinstance(confirm, ConfirmEmpty)
    assert (told.key, told.uid, told.resource_version, told.subresource) == (key("web-0"), "uid-web-0", "1", "status")
    said = told.body["status"]["conditions"][0]
    assert (said["type"], said["status"], said["reason"]) == ("PodScheduled", "False", "Unschedulable")
    assert said["message"] == 'persistentvolumeclaim "data" is being deleted'


def test_pods_that_nobody_can_bind_do_not_hold_a_claim() -> None:
    gated, going, ended = _pod("a", node=""), _pod("b", node=""), _pod("c", node="", phase="Failed")
    gated["spec"]["schedulingGates"] = [{"name": "wait"}]
    going["metadata"].update(DELETED)
    plan = _claim_plan(gated, going, ended, _claim(CLAIM, deleted=True))
    confirm = plan.steps[0]
    assert isinstance(confirm, ConfirmEmpty)
    assert confirm.counts is not None
    assert not any(confirm.counts(_at(pod, 0)) for pod in (gated, going, ended))


def test_a_deleted_claim_without_our_finalizer_is_left_alone() -> None:
    assert _claim_plan(_claim("x/y", deleted=True)) == Plan()


def test_only_a_pod_that_goes_concerns_a_deleted_claim() -> None:
    caches = FilledCaches(protection.build_claims())
    assert caches.put(_claim(CLAIM, deleted=True)) == {DATA}
    assert caches.put(_pod()) == set()
    assert caches.remove(_pod()) == {DATA}
    caches.put(_claim(CLAIM), _pod())
    assert caches.remove(_pod()) == set()


def _volume_plan(phase: str, *finalizers: str, deleted: bool = False) -> Plan:
    caches = FilledCaches(protection.build_volumes())
    metadata = {"finalizers": [*finalizers], **(DELETED if deleted else {})}
    caches.put(thing(PERSISTENTVOLUMES, "v", metadata, spec={}, status={"phase": phase}))
    plan = caches.decide(key("v", ""))
    assert plan is not None
    return plan


def test_volumes() -> None:
    assert _finalizers(_volume_plan("Available")) == [VOLUME]
    assert _volume_plan("Bound", VOLUME) == Plan()
    assert _volume_plan("Bound", VOLUME, deleted=True) == Plan()
    assert _finalizers(_volume_plan("Released", VOLUME, "x/y", deleted=True)) == ["x/y"]
