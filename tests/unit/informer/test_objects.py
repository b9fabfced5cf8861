"""The cache: views once a change, indexes that follow, relists that say what differs."""

import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PODS
from moorage.informer.cache import Index
from moorage.informer.objects import Change, ObjectCache

BY_NODE = Index("node", PODS, lambda entry: [entry.view.spec.node_name] if entry.view.spec.node_name else [])


def _pod(name: str, revision: int, node: str = "", uid: str = "u") -> Document:
    metadata = {"name": name, "namespace": "d", "uid": uid, "resourceVersion": str(revision)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"nodeName": node}}


def _cache(*documents: Document) -> ObjectCache:
    cache = ObjectCache(PODS, [BY_NODE])
    cache.replace(documents, 10)
    return cache


def _on(cache: ObjectCache, node: str) -> list[str]:
    return [entry.key.name for entry in cache.by_index("node", node)]


def test_reads_by_key_and_index() -> None:
    cache = _cache(_pod("a", 1, "n1"), _pod("b", 2, "n1"), _pod("c", 3))
    entry = cache.get(ObjectKey("d", "a"))
    assert entry is not None
    assert (entry.revision, entry.view.spec.node_name) == (1, "n1")
    assert _on(cache, "n1") == ["a", "b"]
    assert _on(cache, "n2") == []
    assert (len(cache), cache.revision) == (3, 10)


def test_a_missing_index_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        _cache().by_index("other", "x")


def test_an_index_added_later_covers_what_is_there() -> None:
    cache = ObjectCache(PODS)
    cache.apply(_pod("a", 1, "n1"), 1, deleted=False)
    cache.add_index(BY_NODE)
    assert _on(cache, "n1") == ["a"]


def test_indexes_follow_changes() -> None:
    cache = _cache(_pod("a", 1, "n1"), _pod("b", 2, "n1"))
    cache.apply(_pod("a", 11, "n2"), 11, deleted=False)
    assert (_on(cache, "n1"), _on(cache, "n2")) == (["b"], ["a"])
    cache.apply(_pod("b", 12, "n1"), 12, deleted=True)
    assert _on(cache, "n1") == []
    assert cache.revision == 12


def test_a_changed_object_keeps_its_place() -> None:
    cache = _cache(_pod("a", 1, "n1"), _pod("b", 2, "n1"))
    cache.apply(_pod("a", 11, "n1"), 11, deleted=False)
    assert _on(cache, "n1") == ["a", "b"]


def test_changes_tell_before_and_after() -> None:
    cache = _cache(_pod("a", 1))
    before = cache.get(ObjectKey("d", "a"))
    change = cache.apply(_pod("a", 11), 11, deleted=False)
    assert change is not None
    assert change.before is before
    assert change.after is cache.get(ObjectKey("d", "a"))
    assert cache.apply(_pod("x", 12), 12, deleted=True) is None


def test_a_relist_says_what_differs() -> None:
    cache = _cache(_pod("same", 1, "n1"), _pod("changed", 2), _pod("gone", 3, "n1"))
    same = cache.get(ObjectKey("d", "same"))
    changes = cache.replace([_pod("same", 1, "n1"), _pod("changed", 12, "n1"), _pod("new", 13)], 20)
    names = [(one.before and one.before.key.name, one.after and one.after.key.name) for one in changes]
    assert names == [("gone", None), ("changed", "changed"), (None, "new")]
    assert cache.get(ObjectKey("d", "same")) is same
    assert _on(cache, "n1") == ["same", "changed"]


def test_a_namesake_in_a_relist_is_a_deletion_and_an_addition() -> None:
    cache = _cache(_pod("a", 1, uid="old"))
    old = cache.get(ObjectKey("d", "a"))
    changes = cache.replace([_pod("a", 15, uid="new")], 20)
    assert changes == [Change(old, None), Change(None, cache.get(ObjectKey("d", "a")))]


def test_an_unreadable_object_is_left_out() -> None:
    broken = _pod("broken", 5)
    broken["spec"] = {"nodeName": 7}
    cache = _cache(broken, _pod("fine", 6))
    assert [entry.key.name for entry in cache] == ["fine"]
