"""The garbage collector: owners by uid, foreground, orphans, and never a deletion on a mere cache."""

from typing import Any

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import (
    CATALOGUE,
    CONTROLLERREVISIONS,
    EVENTS,
    NODES,
    PERSISTENTVOLUMECLAIMS,
    PERSISTENTVOLUMES,
    PODS,
    STATEFULSETS,
)
from moorage.controllers import garbage
from moorage.reconcile.actions import Batch, ConfirmAbsent, Delete, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing

POD, SET = key("web-0"), key("web")
FOREGROUND = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["foregroundDeletion"]}
ORPHAN = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["orphan", "x/y"]}


def _caches(resource: Resource, *documents: Document) -> FilledCaches:
    """Return the caches of the controller of one kind; the indexes are those of all."""
    controllers = garbage.build_all(CATALOGUE)
    caches = FilledCaches(next(one for one in controllers if one.resource == resource))
    for controller in controllers:
        for index in controller.indexes:
            caches.of(index.resource).add_index(index)
    caches.put(*documents)
    return caches


def _plan(resource: Resource, where: ObjectKey, *documents: Document) -> Plan:
    return _caches(resource, *documents).decide(where) or Plan()


def _owner(name: str = "web", uid: str = "uid-web", kind: str = "StatefulSet", **fields: Any) -> Document:
    version = {"StatefulSet": "apps/v1", "Backup": "example.com/v1"}.get(kind, "v1")
    return {"apiVersion": version, "kind": kind, "name": name, "uid": uid, **fields}


def _pod(*owners: Document, **metadata: Any) -> Document:
    return thing(PODS, "web-0", {"ownerReferences": [*owners], **metadata})


def test_an_object_with_a_living_owner_stays() -> None:
    assert _plan(PODS, POD, _pod(_owner()), thing(STATEFULSETS, "web")) == Plan()


def test_an_object_without_owners_is_none_of_our_business() -> None:
    assert _caches(PODS, _pod()).decide(POD) is None


def test_a_dependent_goes_with_its_last_owner_after_a_live_read() -> None:
    plan = _plan(PODS, POD, _pod(_owner()))
    confirm, delete = plan.steps
    assert confirm == ConfirmAbsent(STATEFULSETS, SET, "uid-web")
    assert isinstance(delete, Delete)
    assert (delete.uid, delete.resource_version, delete.propagation) == ("uid-web-0", "1", "Background")


def test_a_namesake_of_the_owner_is_not_the_owner() -> None:
    plan = _plan(PODS, POD, _pod(_owner(uid="older")), thing(STATEFULSETS, "web"))
    assert [type(step) for step in plan.steps] == [ConfirmAbsent, Delete]


def test_an_absent_owner_is_taken_off_while_another_stays() -> None:
    gone = _owner("gone", "uid-gone")
    plan = _plan(PODS, POD, _pod(_owner(), gone), thing(STATEFULSETS, "web"))
    confirm, patch = plan.steps
    assert confirm == ConfirmAbsent(STATEFULSETS, key("gone"), "uid-gone")
    assert isinstance(patch, Patch)
    assert patch.body == {"metadata": {"ownerReferences": [_owner()]}}
    assert patch.resource_version != ""


def test_an_owner_of_an_unknown_kind_keeps_its_dependents() -> None:
    assert _plan(PODS, POD, _pod(_owner(kind="Backup"))) == Plan()
    assert _plan(PODS, POD, _pod(_owner(kind="Backup"), _owner("gone", "g"))) == Plan()


def test_a_cluster_scoped_object_cannot_have_an_owner_in_a_namespace() -> None:
    volume = thing(PERSISTENTVOLUMES, "v", {"ownerReferences": [_owner()]})
    assert _plan(PERSISTENTVOLUMES, key("v", ""), volume) == Plan()


def test_an_owner_without_namespace_is_looked_up_there() -> None:
    plan = _plan(PODS, POD, _pod(_owner("n1", "uid-n1", "Node")))
    assert plan.steps[0] == ConfirmAbsent(NODES, key("n1", ""), "uid-n1")


def test_an_object_being_deleted_is_left_to_its_deletion() -> None:
    assert _plan(PODS, POD, _pod(_owner(), deletionTimestamp="2026-01-01T00:00:00Z")) == Plan()


def test_foreground_dependents_go_first() -> None:
    owner = thing(STATEFULSETS, "web", FOREGROUND)
    dependent = _pod(_owner(blockOwnerDeletion=True))
    plan = _plan(STATEFULSETS, SET, owner, dependent)
    assert plan.steps == ()
    assert plan.gates[0].culprit.key == POD
    plan = _plan(PODS, POD, owner, dependent)
    (delete,) = plan.steps
    assert isinstance(delete, Delete)
    assert delete.propagation == "Foreground"


def test_a_foreground_owner_goes_once_nothing_blocks_it() -> None:
    owner = thing(STATEFULSETS, "web", {**FOREGROUND, "finalizers": ["x/y", "foregroundDeletion"]})
    for dependents in ((), (_pod(_owner()),)):
        (patch,) = _plan(STATEFULSETS, SET, owner, *dependents).steps
        assert isinstance(patch, Patch)
        assert patch.body == {"metadata": {"finalizers": ["x/y"]}}


def test_orphans_are_set_free_before_their_owner_goes() -> None:
    owner = thing(STATEFULSETS, "web", ORPHAN)
    revision = thing(CONTROLLERREVISIONS, "web-1", {"ownerReferences": [_owner(), _owner("other", "o")]})
    batch, patch = _plan(STATEFULSETS, SET, owner, _pod(_owner()), revision).steps
    assert isinstance(batch, Batch)
    bodies = {action.key.name: action.body for (action,) in batch.sequences if isinstance(action, Patch)}
    assert bodies == {
        "web-0": {"metadata": {"ownerReferences": None}},
        "web-1": {"metadata": {"ownerReferences": [_owner("other", "o")]}},
    }
    assert isinstance(patch, Patch)
    assert patch.body == {"metadata": {"finalizers": ["x/y"]}}


def test_events_are_no_dependents() -> None:
    assert all(controller.resource != EVENTS for controller in garbage.build_all(CATALOGUE))


def test_a_vanished_owner_wakes_its_dependents() -> None:
    owner = thing(STATEFULSETS, "web")
    caches = _caches(PODS, owner, _pod(_owner()))
    assert caches.put(owner) == set()
    assert caches.put(thing(STATEFULSETS, "web", FOREGROUND)) == {POD}
    assert caches.remove(owner) == {POD}


def test_a_vanished_dependent_wakes_an_owner_that_waits() -> None:
    caches = _caches(STATEFULSETS, thing(STATEFULSETS, "web", FOREGROUND), _pod(_owner()))
    assert caches.put(_pod(_owner(), labels={"a": "b"})) == set()
    assert caches.put(_pod()) == {SET}
    caches.put(_pod(_owner()))
    assert caches.remove(_pod(_owner())) == {SET}
    caches = _caches(STATEFULSETS, thing(STATEFULSETS, "web"), _pod(_owner()))
    assert caches.remove(_pod(_owner())) == set()


def test_only_what_is_judged_wakes_an_object() -> None:
    caches = _caches(PODS)
    assert caches.put(_pod(_owner())) == {POD}
    assert caches.put(_pod(_owner(), labels={"a": "b"})) == set()
    assert caches.put(_pod(_owner("other", "o"))) == {POD}


def test_claims_of_a_set_follow_the_same_rules() -> None:
    claim = thing(PERSISTENTVOLUMECLAIMS, "data-web-0", {"ownerReferences": [_owner("web-0", "uid-web-0", "Pod")]})
    assert _plan(PERSISTENTVOLUMECLAIMS, key("data-web-0"), claim, _pod()) == Plan()
    plan = _plan(PERSISTENTVOLUMECLAIMS, key("data-web-0"), claim)
    assert plan.steps[0] == ConfirmAbsent(PODS, POD, "uid-web-0")
