"""The laws notice: plans that break one are caught, each by its own law."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from moorage.api.scheme import CONTROLLERREVISIONS, PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.controllers.statefulset import laws, pods
from moorage.controllers.statefulset.snapshot import Snapshot
from moorage.reconcile.actions import Delete, Patch, Step, Update
from moorage.reconcile.plan import Plan
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
NEW, OLD = make.revision_name(), make.revision_name("app:0")
HISTORY = (make.revision(1, "app:0"), make.revision(2))


def _snapshot(*others: Any, **spec: Any) -> Snapshot:
    return make.snapshot(make.stateful_set(status={"currentRevision": OLD}, **spec), *HISTORY, *others)


def _broken(picture: Snapshot, *steps: Step, **parts: Any) -> set[str]:
    return {text.partition(":")[0] for text in laws.check(picture, Plan(steps=steps, **parts), NOW)}


def _create(picture: Snapshot, ordinal: int, revision: str = NEW) -> Step:
    return pods.creation(picture.spec, ordinal, revision, make.template())


def _delete(picture: Snapshot, name: str) -> Delete:
    return next(pods.deletion(picture.spec, one) for one in picture.pods if one.key.name == name)


def test_a_good_plan_breaks_none() -> None:
    picture = _snapshot(make.pod("web-0"))
    assert _broken(picture, _create(picture, 1)) == set()


def test_a_name_that_is_held() -> None:
    picture = _snapshot(make.pod("web-0"))
    assert _broken(picture, _create(picture, 0)) == {"ID3"}


def test_a_write_without_uid() -> None:
    picture = _snapshot(*[make.pod(f"web-{ordinal}", "app:0") for ordinal in range(3)])
    assert _broken(picture, replace(_delete(picture, "web-2"), uid="")) == {"ID4"}
    assert _broken(picture, Update(PODS, {"metadata": {"name": "web-0"}})) == {"ID4"}


def test_another_identity() -> None:
    picture = _snapshot()
    other = pods.creation(replace(picture.spec, service_name="else"), 0, NEW, make.template())
    assert _broken(picture, other) == {"ID6"}


def test_a_foreign_pod() -> None:
    picture = _snapshot(make.pod("web-9", ownerReferences=[]), replicas=0)
    assert _broken(picture, _delete(picture, "web-9")) == {"ID8"}


def test_a_claim_deleted() -> None:
    picture = _snapshot(make.claim("data-web-0"), volumeClaimTemplates=[{"metadata": {"name": "data"}}])
    key = picture.claims[0].key
    assert _broken(picture, Delete(PERSISTENTVOLUMECLAIMS, key, "uid-data-web-0")) == {"VO4"}


def test_a_claim_that_goes_is_used() -> None:
    going = make.claim("data-web-0", deletionTimestamp="2026-01-01T00:00:00Z")
    picture = _snapshot(going, volumeClaimTemplates=[{"metadata": {"name": "data"}}])
    assert _broken(picture, _create(picture, 0)) == {"VO8"}


def test_out_of_order() -> None:
    picture = _snapshot(make.pod("web-0", state="running"))
    assert _broken(picture, _create(picture, 1)) == {"OR1"}
    kept = [make.pod("web-0"), make.pod("web-1"), make.pod("web-2")]
    picture = _snapshot(*kept, replicas=1)
    assert _broken(picture, _delete(picture, "web-1")) == {"OR3"}


def test_an_update_from_below_or_of_too_many() -> None:
    picture = _snapshot(*[make.pod(f"web-{ordinal}", "app:0") for ordinal in range(3)])
    assert _broken(picture, _delete(picture, "web-1")) == {"OR4"}
    assert _broken(picture, _delete(picture, "web-2"), _delete(picture, "web-1")) == {"OR4"}
    assert _broken(picture, _delete(picture, "web-2")) == set()


def test_below_the_partition() -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 3}}
    picture = _snapshot(*[make.pod(f"web-{ordinal}", "app:0") for ordinal in range(3)], updateStrategy=rolling)
    assert _broken(picture, _delete(picture, "web-2")) == {"OR5"}
    picture = _snapshot(updateStrategy=rolling)
    assert _broken(picture, _create(picture, 0)) == {"OR5"}
    assert _broken(picture, _create(picture, 0, OLD)) == set()


def test_an_update_while_scaling() -> None:
    picture = _snapshot(*[make.pod(f"web-{ordinal}", "app:0") for ordinal in range(3)], make.pod("web-4"))
    assert _broken(picture, _delete(picture, "web-2")) == {"OR6"}


def test_on_delete_replaces_nothing() -> None:
    everyone = [make.pod(f"web-{ordinal}", "app:0") for ordinal in range(3)]
    picture = _snapshot(*everyone, updateStrategy={"type": "OnDelete"})
    assert _broken(picture, _delete(picture, "web-2")) == {"OR7"}


def test_a_set_that_goes_is_quiet() -> None:
    picture = _snapshot(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    assert "OR8" in _broken(picture, _create(picture, 0))


def test_a_live_revision_deleted() -> None:
    picture = _snapshot()
    live = picture.revisions[-1]
    assert _broken(picture, cleanup=(Delete(CONTROLLERREVISIONS, live.key, "revision-2"),)) == {"OR10"}


@pytest.mark.parametrize(("field", "value"), [("replicas", 9), ("availableReplicas", 2), ("updatedReplicas", 3)])
def test_a_status_that_lies(field: str, value: int) -> None:
    picture = _snapshot(make.pod("web-0"))
    truth = {"replicas": 1, "availableReplicas": 1, "updatedReplicas": 1, "currentRevision": OLD}
    told = {**picture.spec.document, "status": {**truth, field: value}}
    assert _broken(picture, status=Update(STATEFULSETS, told, "status")) == {"OR11"}


def test_going_back_unasked_or_twice() -> None:
    def going_back(**annotations: str) -> Snapshot:
        metadata = {
            "annotations": {f"moorage.dev/{name.replace('_', '-')}": value for name, value in annotations.items()}
        }
        return make.snapshot(make.stateful_set({"currentRevision": OLD}, metadata), *HISTORY)

    def to(image: str) -> Patch:
        body = {"spec": {"template": {**make.template(image), "$patch": "replace"}}}
        return Patch(STATEFULSETS, make.KEY, body, make.UID)

    assert _broken(going_back(auto_revert_after="5m"), to("app:0")) == set()
    assert _broken(going_back(), to("app:0")) == {"BE1"}
    assert _broken(going_back(auto_revert_after="5m", reverted=NEW), to("app:0")) == {"BE1"}
    assert _broken(going_back(auto_revert_after="5m"), to("app:1")) == {"BE1"}
