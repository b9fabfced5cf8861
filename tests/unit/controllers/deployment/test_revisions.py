"""The new replica set: made, found, kept up; the history and its limit."""

from moorage.api import templatehash
from moorage.api.refs import Document
from moorage.api.scheme import DEPLOYMENTS, PODS, REPLICASETS
from moorage.base.errors import ApiError, MoorageError
from moorage.controllers.deployment import controller, templates
from moorage.controllers.deployment.annotations import HISTORY, REVISION
from moorage.reconcile.actions import Confirm, Create, Delete, Patch, Update
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.unit.controllers.deployment.builders import (
    COMPLETE,
    LABELS,
    OWNER,
    SOON,
    deployment,
    plan,
    replicas,
    status,
    template,
    told,
)
from tests.unit.controllers.replicaset.builders import OWNER as SET_OWNER

FULL = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "conditions": [COMPLETE]}


def _created(found: Plan) -> Create:
    (made,) = found.steps
    assert isinstance(made, Create)
    return made


def test_a_new_template_gets_a_replica_set() -> None:
    mine = {"annotations": {"note": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"}}
    found = plan(deployment(4, metadata=mine, minReadySeconds=3), replicas("old", 4, revision=7))
    made = _created(found)
    suffix = templatehash.hash_of(template("new"), None)
    labels = {**LABELS, "pod-template-hash": suffix}
    assert made.document["metadata"] == {
        "name": f"app-{suffix}",
        "namespace": "default",
        "labels": labels,
        "annotations": {
            "note": "x",
            "deployment.kubernetes.io/revision": "8",
            "deployment.kubernetes.io/desired-replicas": "4",
            "deployment.kubernetes.io/max-replicas": "5",
        },
        "ownerReferences": [{**OWNER, "blockOwnerDeletion": True}],
    }
    assert made.document["spec"] == {
        "replicas": 1,
        "minReadySeconds": 3,
        "selector": {"matchLabels": labels},
        "template": template("new", suffix),
    }
    assert made.on_success is not None
    assert made.on_success.message == f"Scaled up replica set app-{suffix} from 0 to 1"
    assert told(status(found))["Progressing"] == ("True", "NewReplicaSetCreated")
    assert found.status is not None
    assert found.status.document["metadata"]["annotations"][REVISION] == "8"


def test_a_set_that_cannot_be_made_is_told() -> None:
    found = plan(deployment(1))
    assert found.status_if_failed is not None
    update = found.status_if_failed(MoorageError("no room"))
    assert update is not None
    (condition,) = update.document["status"]["conditions"]
    name = _created(found).document["metadata"]["name"]
    assert (condition["status"], condition["reason"]) == ("False", "ReplicaSetCreateError")
    assert condition["message"] == f'Failed to create new replica set "{name}": no room'
    assert found.status_if_failed(ApiError({"reason": "AlreadyExists", "code": 409})) is None


def test_a_name_that_is_taken_counts_as_a_collision() -> None:
    name = templatehash.hash_of(template("new"), None)
    foreign = replicas(name, 0)
    foreign["metadata"]["ownerReferences"] = [{**OWNER, "uid": "somebody", "name": "other"}]
    found = plan(deployment(1), foreign)
    assert found.steps == ()
    assert status(found)["collisionCount"] == 1
    again = plan(deployment(1, status={"collisionCount": 1}), foreign)
    assert _created(again).document["metadata"]["name"] == f"app-{templatehash.hash_of(template('new'), 1)}" != name


def test_a_long_name_is_cut_to_make_room_for_the_hash() -> None:
    caches = FilledCaches(controller.build())
    owner = deployment(1, metadata={"name": "n" * 250, "uid": "uid-long"})
    caches.put(owner)
    found = caches.decide(key("n" * 250))
    assert found is not None
    name = _created(found).document["metadata"]["name"]
    suffix = templatehash.hash_of(template("new"))
    assert (len(name), name) == (253, f"{'n' * (252 - len(suffix))}-{suffix}")
    foreign = thing(REPLICASETS, name, spec=replicas("new", 0)["spec"], status={})
    caches.put(foreign)
    again = caches.decide(key("n" * 250))
    assert again is not None
    assert status(again)["collisionCount"] == 1


def test_empty_and_absent_are_the_same_template() -> None:
    full = template("new", "h")
    full["spec"]["securityContext"] = {}
    full["metadata"]["creationTimestamp"] = None
    assert templates.bare(full) == templates.bare(template("new"))


def test_going_back_takes_the_old_set_with_a_new_number() -> None:
    (write,) = plan(deployment(2), replicas("new", 0, revision=1), replicas("old", 2, revision=3)).steps
    assert isinstance(write, Update)
    notes = write.document["metadata"]["annotations"]
    assert (notes[REVISION], notes[HISTORY]) == ("4", "1")
    twice = replicas("new", 0, revision=4, history="1,2")
    (write,) = plan(deployment(2), twice, replicas("old", 2, revision=5)).steps
    assert isinstance(write, Update)
    assert write.document["metadata"]["annotations"][HISTORY] == "1,2,4"


def test_a_long_history_forgets_its_beginning() -> None:
    past = ",".join(str(number) for number in range(1000, 1400))
    (write,) = plan(deployment(2), replicas("new", 0, history=past), replicas("old", 2, revision=3)).steps
    assert isinstance(write, Update)
    kept = write.document["metadata"]["annotations"][HISTORY]
    assert len(kept) <= 2000
    assert kept.endswith(",1399,1")


def test_annotations_and_min_ready_seconds_follow_the_deployment() -> None:
    owner = deployment(2, metadata={"annotations": {"note": "y"}}, minReadySeconds=9)
    (write,) = plan(owner, replicas("new", 2)).steps
    assert isinstance(write, Update)
    assert write.document["metadata"]["annotations"]["note"] == "y"
    assert write.document["spec"]["minReadySeconds"] == 9


def _gone(found: Plan) -> list[str]:
    return [one.key.name for one in found.cleanup if isinstance(one, Delete)]


def _history(**spec: int) -> list[Document]:
    old = [replicas(f"old{number}", 0, revision=number) for number in (3, 1, 2)]
    return [deployment(2, status=FULL, **spec), *old, replicas("new", 2, revision=4)]


def test_history_beyond_the_limit_goes_oldest_first() -> None:
    assert _gone(plan(*_history(revisionHistoryLimit=1))) == ["app-old1", "app-old2"]
    assert _gone(plan(*_history(revisionHistoryLimit=2**31 - 1))) == []


def test_history_waits_for_the_rollout_and_for_the_pods() -> None:
    owner, *sets = _history(revisionHistoryLimit=0)
    busy = {**owner, "status": {**FULL, "availableReplicas": 1}}
    assert _gone(plan(busy, *sets)) == []
    sets[0]["status"]["replicas"] = 1
    assert _gone(plan(owner, *sets)) == ["app-old1", "app-old2"]


def test_a_paused_deployment_still_forgets() -> None:
    owner, *sets = _history(revisionHistoryLimit=2)
    paused = {**owner, "spec": {**owner["spec"], "paused": True}}
    assert _gone(plan(paused, *sets)) == ["app-old1"]


def test_orphaned_sets_are_adopted_first() -> None:
    orphan = replicas("old", 2)
    del orphan["metadata"]["ownerReferences"]
    confirm, adopt = plan(deployment(2), orphan).steps
    assert confirm == Confirm(DEPLOYMENTS, key("app"), "uid-app")
    assert isinstance(adopt, Patch)
    assert adopt.key == key("app-old")


def test_a_gone_pod_wakes_only_who_recreates() -> None:
    owned = {"ownerReferences": [{**SET_OWNER, "name": "app-old", "uid": "uid-app-old"}]}
    gone = thing(PODS, "p", {**owned, "creationTimestamp": SOON})
    for strategy, woken in (("Recreate", {key("app")}), ("RollingUpdate", set())):
        caches = FilledCaches(controller.build())
        caches.put(deployment(2, strategy={"type": strategy}), replicas("old", 2))
        assert caches.put(gone) == set()
        assert caches.remove(gone) == woken
