"""Which revisions a set is between, when one is made, and which are forgotten."""

from typing import Any

from moorage.api import meta, revisiondata
from moorage.controllers.statefulset import revisions
from moorage.reconcile.actions import Create, Update
from tests.unit.controllers.statefulset import builders as make


def _made(*others: Any, **spec: Any) -> revisions.Choice:
    return revisions.choose(make.snapshot(make.stateful_set(**spec), *others))


def test_the_first_revision_is_number_one_and_both() -> None:
    owner = make.stateful_set(metadata={"annotations": {"kubernetes.io/change-cause": "why"}})
    choice = revisions.choose(make.snapshot(owner))
    (write,) = choice.writes
    assert isinstance(write, Create)
    document = write.document
    assert (document["revision"], meta.name(document)) == (1, make.revision_name())
    assert choice.current == choice.update == make.revision_name()
    assert meta.annotations(document) == {"kubernetes.io/change-cause": "why"}
    assert meta.labels(document) == {
        "app": "web",
        "controller.kubernetes.io/hash": make.revision_name().rpartition("-")[2],
    }


def test_the_newest_equal_one_is_used_and_nothing_written() -> None:
    choice = _made(make.revision(1, "app:0"), make.revision(2))
    assert (choice.update, choice.writes) == (make.revision_name(), ())


def test_a_rollback_gives_the_old_revision_the_next_number() -> None:
    choice = _made(make.revision(1), make.revision(2, "app:2"), status={"currentRevision": make.revision_name("app:2")})
    (write,) = choice.writes
    assert isinstance(write, Update)
    assert (write.document["revision"], meta.name(write.document)) == (3, make.revision_name())
    assert (choice.current, choice.update) == (make.revision_name("app:2"), make.revision_name())


def test_another_version_s_way_of_writing_is_the_same_revision() -> None:
    old = make.revision(4)
    del old["data"]["spec"]["template"]["metadata"]["creationTimestamp"]
    choice = _made(old)
    assert (choice.update, choice.writes) == (make.revision_name(), ())


def test_a_collision_takes_another_name_and_keeps_the_hash_label() -> None:
    squatter = make.revision(1, "other", name=make.revision_name(), ownerReferences=[], labels={})
    choice = _made(squatter)
    (write,) = choice.writes
    data = revisiondata.encode(revisiondata.data_of(make.template()))
    assert choice.collisions == 1
    assert choice.update == f"web-{revisiondata.hash_of(data, 1)}"
    assert isinstance(write, Create)
    assert meta.labels(write.document)["controller.kubernetes.io/hash"] == revisiondata.hash_of(data, 0)


def test_a_namesake_with_the_same_bytes_is_used() -> None:
    twin = make.revision(1, ownerReferences=[], labels={})
    choice = _made(twin)
    assert (choice.update, choice.writes, choice.collisions) == (make.revision_name(), (), 0)


def test_a_lost_current_revision_is_the_update_revision() -> None:
    choice = _made(make.revision(2), status={"currentRevision": "web-lost"})
    assert choice.current == choice.update == make.revision_name()


def test_a_set_that_goes_makes_no_revision() -> None:
    owner = make.stateful_set(
        metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}, status={"updateRevision": "web-x"}
    )
    assert revisions.choose(make.snapshot(owner)).writes == ()


def _forgotten(limit: int, *pods: Any) -> list[str]:
    images = [f"app:{number}" for number in range(1, 6)]
    history = [make.revision(number, image) for number, image in enumerate(images, 1)]
    owner = make.stateful_set(
        template=make.template("app:5"),
        revisionHistoryLimit=limit,
        status={"currentRevision": make.revision_name("app:5")},
    )
    picture = make.snapshot(owner, *history, *pods)
    names = {make.revision_name(image): image for image in images}
    return [names[one.key.name] for one in revisions.truncation(picture, revisions.choose(picture), picture.pods)]


def test_history_is_cut_oldest_first() -> None:
    assert _forgotten(2) == ["app:1", "app:2"]
    assert _forgotten(0) == ["app:1", "app:2", "app:3", "app:4"]
    assert _forgotten(10) == []


def test_a_revision_some_pod_carries_is_live_and_does_not_count() -> None:
    assert _forgotten(2, make.pod("web-0", "app:1")) == ["app:2"]


def test_a_negative_limit_keeps_everything() -> None:
    assert _forgotten(-1) == []
