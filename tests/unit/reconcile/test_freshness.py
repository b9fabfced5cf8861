"""A key waits until the caches show its own writes."""

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import CONFIGMAPS, SECRETS
from moorage.informer.objects import ObjectCache
from moorage.reconcile.freshness import Freshness, Gone, Seen

KEY, OTHER = ObjectKey("d", "a"), ObjectKey("d", "b")


class Scene:
    """One cache and what was woken."""

    def __init__(self) -> None:
        self.cache = ObjectCache(CONFIGMAPS)
        self.woken: list[ObjectKey] = []
        self.freshness = Freshness(self, lambda resource: resource == CONFIGMAPS, self.woken.append)

    def of(self, resource: Resource) -> ObjectCache:
        assert resource == CONFIGMAPS
        return self.cache


def _document(uid: str = "u") -> Document:
    return {"metadata": {"name": "a", "namespace": "d", "uid": uid}}


def test_a_key_without_writes_is_fresh() -> None:
    assert not Scene().freshness.stale(KEY)


def test_a_write_is_waited_for_and_wakes_its_key_alone() -> None:
    scene = Scene()
    scene.freshness.wrote(KEY, [Seen(CONFIGMAPS, 5), Seen(CONFIGMAPS, 9)])
    assert scene.freshness.stale(KEY)
    assert not scene.freshness.stale(OTHER)
    scene.cache.progress(8)
    scene.freshness.progressed()
    assert scene.woken == []
    scene.cache.progress(9)
    scene.freshness.progressed()
    assert scene.woken == [KEY]
    assert not scene.freshness.stale(KEY)
    scene.freshness.progressed()
    assert scene.woken == [KEY]


def test_a_write_already_seen_is_no_reason_to_wait() -> None:
    scene = Scene()
    scene.cache.progress(9)
    scene.freshness.wrote(KEY, [Seen(CONFIGMAPS, 9)])
    assert not scene.freshness.stale(KEY)


def test_a_deletion_is_waited_for_by_uid() -> None:
    scene = Scene()
    scene.cache.apply(_document("old"), 3, deleted=False)
    scene.freshness.wrote(KEY, [Gone(CONFIGMAPS, KEY, "old")])
    assert scene.freshness.stale(KEY)
    scene.cache.apply(_document("new"), 4, deleted=False)
    scene.freshness.progressed()
    assert scene.woken == [KEY]


def test_deletions_and_writes_are_both_needed() -> None:
    scene = Scene()
    scene.cache.apply(_document("old"), 3, deleted=False)
    scene.freshness.wrote(KEY, [Gone(CONFIGMAPS, KEY, "old"), Seen(CONFIGMAPS, 4)])
    scene.cache.progress(4)
    assert scene.freshness.stale(KEY)
    scene.cache.apply(_document("old"), 5, deleted=True)
    assert not scene.freshness.stale(KEY)


def test_writes_to_what_nobody_follows_are_not_waited_for() -> None:
    scene = Scene()
    scene.freshness.wrote(KEY, [Seen(SECRETS, 50)])
    assert not scene.freshness.stale(KEY)
