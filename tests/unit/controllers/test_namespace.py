"""A deleted namespace: emptied, then let go."""

from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import CATALOGUE, CONFIGMAPS, EVENTS, NAMESPACES, PODS
from moorage.controllers import namespace
from moorage.reconcile.actions import ConfirmEmpty, DeleteAll, Patch, Update
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing

WHERE = key("default", "")
DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def _namespace(*conditions: Document, finalizers: tuple[str, ...] = ("kubernetes",), deleted: bool = True) -> Document:
    status = {"phase": "Terminating", "conditions": [*conditions]}
    return thing(NAMESPACES, "default", DELETED if deleted else {}, spec={"finalizers": [*finalizers]}, status=status)


def _caches(*documents: Document) -> FilledCaches:
    caches = FilledCaches(namespace.build(CATALOGUE))
    caches.put(*documents)
    return caches


def _plan(*documents: Document) -> Plan:
    plan = _caches(*documents).decide(WHERE)
    assert plan is not None
    return plan


def _messages(plan: Plan) -> dict[str, Any]:
    (patch,) = (step for step in plan.steps if isinstance(step, Patch))
    return {one["type"]: (one["status"], one["message"]) for one in patch.body["status"]["conditions"]}


def test_a_living_namespace_is_left_alone() -> None:
    assert _caches(_namespace(deleted=False)).decide(WHERE) is None
    assert _caches(_namespace(finalizers=("other",))).decide(WHERE) is None


def test_content_is_deleted_and_reported() -> None:
    held = thing(CONFIGMAPS, "held", {"finalizers": ["a.b/c"], **DELETED})
    plan = _plan(_namespace(), thing(PODS, "p"), thing(PODS, "q", DELETED), held)
    assert [step for step in plan.steps if isinstance(step, DeleteAll)] == [DeleteAll(PODS, "default")]
    messages = _messages(plan)
    text = "Some resources are remaining: configmaps. has 1 resource instances, pods. has 2 resource instances"
    assert messages["NamespaceContentRemaining"] == ("True", text)
    text = "Some content in the namespace has finalizers remaining: a.b/c in 1 resource instances"
    assert messages["NamespaceFinalizersRemaining"] == ("True", text)
    assert {gate.culprit.kind for gate in plan.gates} == {"Pod", "ConfigMap"}


def test_the_same_report_is_written_once() -> None:
    pod = thing(PODS, "p", DELETED)
    (patch,) = _plan(_namespace(), pod).steps
    assert isinstance(patch, Patch)
    assert _plan(_namespace(*patch.body["status"]["conditions"]), pod).steps == ()


def test_an_empty_namespace_is_let_go_after_live_reads() -> None:
    plan = _plan(_namespace(finalizers=("kubernetes", "mine")))
    *checks, events, finalize = plan.steps
    kinds = {resource for resource in CATALOGUE if resource.namespaced and resource != EVENTS}
    assert {check.resource for check in checks if isinstance(check, ConfirmEmpty)} == kinds
    assert events == DeleteAll(EVENTS, "default")
    assert isinstance(finalize, Update)
    assert finalize.subresource == "finalize"
    assert finalize.document["spec"]["finalizers"] == ["mine"]


def test_content_of_other_namespaces_does_not_count() -> None:
    plan = _plan(_namespace(), thing(PODS, "p", {"namespace": "other"}))
    assert isinstance(plan.steps[-1], Update)


def test_triggers() -> None:
    caches = _caches(_namespace())
    assert caches.put(thing(PODS, "p")) == {WHERE}
    assert caches.remove(thing(PODS, "p")) == {WHERE}
    assert caches.put(_namespace(deleted=False)) == {WHERE}
    assert caches.put(thing(PODS, "p")) == set()
