"""Which changes wake which sets; who belongs to whom; and that a big settled set is judged by its few marks."""

import datetime
from typing import Any

import pytest

from moorage.api.refs import ObjectKey, Resource
from moorage.api.scheme import CONTROLLERREVISIONS, PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.api.views.berth import pod_berth, split_ordinal
from moorage.controllers.statefulset import adoption, fleet
from moorage.controllers.statefulset.controller import build
from moorage.controllers.statefulset.decide import decide
from moorage.controllers.statefulset.roster import enrol
from moorage.controllers.statefulset.snapshot import take
from moorage.reconcile.actions import Confirm, Create, Delete, Patch
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
DELETING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
FOREIGN = {**make.OWNER, "kind": "ReplicaSet", "name": "other", "uid": "other"}


@pytest.mark.parametrize(
    ("name", "parent", "ordinal"),
    [
        ("web-0", "web", 0),
        ("web-01", "web", 1),
        ("web-a-10", "web-a", 10),
        ("web", "", -1),
        ("web-", "", -1),
        ("web-x", "", -1),
        ("web-2147483647", "web", 2147483647),
        ("web-2147483648", "web", -1),
        ("web-²", "", -1),
    ],
)
def test_names_are_split_at_the_last_dash(name: str, parent: str, ordinal: int) -> None:
    assert split_ordinal(name) == (parent, ordinal)


def _woken(resource: Resource, document: Any, *, with_templates: bool = True) -> set[ObjectKey]:
    templates = [{"metadata": {"name": "data"}, "spec": {}}] if with_templates else []
    caches = make.Caches((STATEFULSETS, make.stateful_set(volumeClaimTemplates=templates)), (resource, document))
    key = ObjectKey("default", document["metadata"]["name"])
    trigger = next(one for one in build().triggers if one.resource == resource)
    return set(trigger.keys(None, caches.of(resource).get(key), caches))


def test_pods_wake_their_owner_and_the_set_of_their_name() -> None:
    assert _woken(PODS, make.pod("web-0")) == {make.KEY}
    assert _woken(PODS, make.pod("odd", ownerReferences=[make.OWNER])) == {make.KEY}
    assert _woken(PODS, make.pod("web-7", ownerReferences=[FOREIGN])) == {make.KEY}
    assert _woken(PODS, make.pod("odd", ownerReferences=[{**make.OWNER, "uid": "older"}])) == set()
    assert _woken(PODS, make.pod("other-0", ownerReferences=[])) == set()


def test_claims_wake_the_set_whose_template_named_them() -> None:
    assert _woken(PERSISTENTVOLUMECLAIMS, make.claim("data-web-0")) == {make.KEY}
    assert _woken(PERSISTENTVOLUMECLAIMS, make.claim("data-web-0"), with_templates=False) == set()
    assert _woken(PERSISTENTVOLUMECLAIMS, make.claim("data-web")) == set()


def test_revisions_wake_their_owner_and_the_set_whose_name_they_carry() -> None:
    assert _woken(CONTROLLERREVISIONS, make.revision()) == {make.KEY}
    assert _woken(CONTROLLERREVISIONS, make.revision(ownerReferences=[FOREIGN])) == {make.KEY}
    assert _woken(CONTROLLERREVISIONS, make.revision(name="other-1", ownerReferences=[])) == set()


def test_a_revision_is_made_only_after_a_live_look_at_the_set() -> None:
    confirm, create = decide(make.snapshot(make.stateful_set()), NOW).steps
    assert confirm == Confirm(STATEFULSETS, make.KEY, make.UID, generation=2)
    assert isinstance(create, Create)


def _claimed(*pods: Any, **owner: Any) -> adoption.Claimed:
    return adoption.claim(make.snapshot(make.stateful_set(**owner), *pods))


def test_an_orphan_that_fits_is_adopted_after_a_live_look() -> None:
    confirm, adopt = _claimed(make.pod("web-0", ownerReferences=[])).writes
    assert isinstance(confirm, Confirm)
    assert isinstance(adopt, Patch)
    assert adopt.body["metadata"]["ownerReferences"] == [{**make.OWNER, "blockOwnerDeletion": True}]
    assert adopt.uid == "uid-web-0"


@pytest.mark.parametrize(
    "pod",
    [
        make.pod("web-0", ownerReferences=[], labels={"app": "else"}),
        make.pod("web-0", ownerReferences=[], **DELETING),
        make.pod("web-0", ownerReferences=[FOREIGN]),
        make.pod("other-0", ownerReferences=[]),
    ],
    ids=["label", "deleting", "owned", "name"],
)
def test_what_does_not_fit_is_left_alone(pod: Any) -> None:
    assert _claimed(pod).writes == ()
    assert _claimed(pod).pods == ()


@pytest.mark.parametrize("pod", [make.pod("web-0", labels={"app": "else"}), make.pod("odd-name")])
def test_own_pods_that_do_not_fit_are_released(pod: Any) -> None:
    (release,) = _claimed(pod).writes
    assert isinstance(release, Patch)
    assert release.body["metadata"]["ownerReferences"] == [{"$patch": "delete", "uid": make.UID}]
    assert _claimed(pod, metadata=DELETING).writes == ()


def test_an_orphaned_revision_is_adopted() -> None:
    confirm, adopt = adoption.claim(make.snapshot(make.stateful_set(), make.revision(ownerReferences=[]))).writes
    assert isinstance(confirm, Confirm)
    assert isinstance(adopt, Patch)
    assert adopt.resource == CONTROLLERREVISIONS


def test_an_update_takes_a_pod_only_after_a_live_look_at_the_set() -> None:
    owner = make.stateful_set(
        template=make.template("app:2"), replicas=1, status={"currentRevision": make.revision_name()}
    )
    known = make.revision(), make.revision(2, "app:2")
    confirm, delete = decide(make.snapshot(owner, *known, make.pod("web-0")), NOW).steps
    assert confirm == Confirm(STATEFULSETS, make.KEY, make.UID, generation=2)
    assert isinstance(delete, Delete)


def test_an_unparsable_selector_is_not_retried() -> None:
    owner = make.stateful_set(selector={"matchExpressions": [{"key": "a", "operator": "Nonsense"}]})
    assert take(make.KEY, make.Caches((STATEFULSETS, owner))) is None


def test_a_settled_set_is_judged_by_one_mark() -> None:
    pods = [make.pod(f"web-{ordinal}") for ordinal in range(200)]
    picture = make.snapshot(make.stateful_set(replicas=200), make.revision(), *pods)
    placed = fleet.arrange(picture.spec, enrol(picture.pods), NOW)
    assert len(placed.examples) == 1
    assert (placed.holes, placed.condemned, placed.unusual) == ((), (), ())
    assert decide(picture, NOW).steps == ()


def test_marks_tell_apart_what_is_judged_and_nothing_else() -> None:
    def mark(document: Any) -> str:
        picture = make.snapshot(make.stateful_set(), document)
        return pod_berth(picture.pods[0].view).mark

    same = mark(make.pod("web-0"))
    assert mark(make.pod("web-1")) == same
    others = [
        make.pod("web-0", state="running"),
        make.pod("web-0", "app:2"),
        make.pod("web-0", **DELETING),
        make.pod("web-0", ownerReferences=[]),
        make.pod("web-0", labels={"app": "else"}),
        make.pod("web-01"),
    ]
    assert same not in [mark(other) for other in others]
