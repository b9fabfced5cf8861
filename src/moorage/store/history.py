"""What a store holds in memory: the present, and every change since the compacted revision.

In: changes in revision order. Out: records, pages at a revision, changes since a revision. Pure; every backend has one.

Keys are split into buckets by their first two segments (`/core/pods/`): a bucket keeps its live keys sorted and its
changes in revision order. With n keys in a bucket and d changes of it since the snapshot:
get O(1); apply O(log n) plus one memmove of the key list; page O(log n + page + d), where d is 0 for the present;
since O(log changes + result); compact O(dropped). Nothing is copied per write.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from heapq import merge
from operator import attrgetter

from moorage.store.ports import Change, ChangeType, Compacted, FutureRevision, Page, Record

_BY_REVISION = attrgetter("revision")
# Sorts after every key that starts with what precedes it: the highest code point.
_END = "\U0010ffff"


def bucket_of(key: str) -> str:
    """Return the part of `key` up to and including its third slash, or `key` itself where there is none."""
    second = key.find("/", 1)
    third = key.find("/", second + 1) if second >= 0 else -1
    return key[: third + 1] if third >= 0 else key


def record_after(change: Change) -> Record | None:
    """Return the record of the key right after `change`, None where that deleted it."""
    if change.value is None:
        return None
    created = change.previous.created if change.previous else change.revision
    return Record(change.key, change.value, change.revision, created)


def make_change(key: str, value: bytes | None, revision: int, previous: Record | None) -> Change:
    """Return the change that takes `key` from `previous` to `value` (None deletes)."""
    if value is None:
        return Change(ChangeType.DELETED, key, revision, None, previous)
    kind = ChangeType.UPDATED if previous else ChangeType.CREATED
    return Change(kind, key, revision, value, previous)


class _Bucket:
    """The keys and changes that share their first two segments."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.changes: list[Change] = []

    def since(self, revision: int) -> Sequence[Change]:
        return self.changes[bisect_right(self.changes, revision, key=_BY_REVISION) :]

    def between(self, prefix: str, after: str) -> tuple[int, int]:
        """Return where in `keys` those with `prefix` and greater than `after` begin and end."""
        start = bisect_right(self.keys, after) if after >= prefix else bisect_left(self.keys, prefix)
        return start, bisect_left(self.keys, prefix + _END, start)


class History:
    """Current records, and changes above the compacted revision.

    Args:
        revision: revision of the last mutation.
        compacted: revision up to which changes are not known.
    """

    def __init__(self, revision: int = 0, compacted: int = 0) -> None:
        self.revision = revision
        self.compacted = compacted
        self._current: dict[str, Record] = {}
        self._buckets: dict[str, _Bucket] = {}
        self._names: list[str] = []

    def __len__(self) -> int:
        """Return the number of current records."""
        return len(self._current)

    def get(self, key: str) -> Record | None:
        """Return the current record of `key`."""
        return self._current.get(key)

    def apply(self, change: Change) -> Record | None:
        """Take in the next change and return the record it leaves.

        Args:
            change: its revision is above all before, its `previous` is the current record of the key.
        """
        bucket = self._bucket(bucket_of(change.key))
        record = record_after(change)
        if record is None:
            self._remove(bucket, change.key)
        else:
            self._put(bucket, record)
        bucket.changes.append(change)
        self.revision = change.revision
        return record

    def restore(self, record: Record) -> None:
        """Take in a record whose change is not kept, while loading."""
        self._put(self._bucket(bucket_of(record.key)), record)

    def forget(self, key: str) -> None:
        """Take out a record whose deletion is not kept, while loading."""
        self._remove(self._bucket(bucket_of(key)), key)

    def page(self, prefix: str, revision: int, limit: int, after: str) -> Page:
        """Return part of the list at `revision`; arguments and errors as in `Store.list`."""
        self.check(revision)
        snapshot = revision or self.revision
        records: list[Record] = []
        remaining = 0
        for name in self._matching(prefix):
            room = limit - len(records) if limit else -1
            found, more = self._page_of(self._buckets[name], prefix, snapshot, room, after)
            records += found
            remaining += more
        return Page(tuple(records), snapshot, remaining)

    def since(self, prefix: str, after: int) -> list[Change]:
        """Return the changes of `prefix` with a revision greater than `after`, in order. Raises as `Store.watch`."""
        if after or self.compacted:
            self.check(after or -1)
        parts = [self._buckets[name].since(after) for name in self._matching(prefix)]
        ordered = parts[0] if len(parts) == 1 else merge(*parts, key=_BY_REVISION)
        return [change for change in ordered if change.key.startswith(prefix)]

    def check(self, revision: int) -> None:
        """Raise Compacted or FutureRevision unless the snapshot of `revision` (0: the present) can be read."""
        if revision and revision <= self.compacted:
            raise Compacted(max(revision, 0), self.compacted)
        if revision > self.revision:
            raise FutureRevision(revision, self.revision)

    def compact(self, revision: int) -> list[int]:
        """Drop changes at or below `revision`; return the revisions that no snapshot or watch needs any more.

        These are the deletions themselves and every record that a dropped change replaced or deleted.
        Stops before the latest revision. Raises: FutureRevision.
        """
        if revision > self.revision:
            raise FutureRevision(revision, self.revision)
        target = min(revision, self.revision - 1)
        if target <= self.compacted:
            return []
        self.compacted = target
        dropped: list[int] = []
        for name in list(self._names):
            dropped += self._compact_bucket(name, target)
        return dropped

    def _compact_bucket(self, name: str, target: int) -> list[int]:
        bucket = self._buckets[name]
        end = bisect_right(bucket.changes, target, key=_BY_REVISION)
        dropped: list[int] = []
        for change in bucket.changes[:end]:
            if change.previous:
                dropped.append(change.previous.revision)
            if change.value is None:
                dropped.append(change.revision)
        del bucket.changes[:end]
        if not bucket.keys and not bucket.changes:
            del self._buckets[name]
            del self._names[bisect_left(self._names, name)]
        return dropped

    def _page_of(self, bucket: _Bucket, prefix: str, revision: int, room: int, after: str) -> tuple[list[Record], int]:
        """Return up to `room` (-1: all) records of one bucket at `revision`, and how many more there are."""
        start, end = bucket.between(prefix, after)
        if revision == self.revision:
            stop = end if room < 0 else min(end, start + room)
            return [self._current[key] for key in bucket.keys[start:stop]], end - stop
        before = {
            key: record for key, record in _rolled_back(bucket.since(revision)).items()
            if key.startswith(prefix) and key > after
        }  # fmt: skip
        changed = [record for record in before.values() if record]
        total = end - start - sum(key in self._current for key in before) + len(changed)
        unchanged = (self._current[key] for key in _slice(bucket.keys, start, end) if key not in before)
        ordered = merge(unchanged, sorted(changed))
        found = list(ordered) if room < 0 else [record for record, _ in zip(ordered, range(room))]
        return found, total - len(found)

    def _matching(self, prefix: str) -> Sequence[str]:
        name = bucket_of(prefix)
        if prefix.startswith(name) and name.count("/") >= 3:
            return (name,) if name in self._buckets else ()
        return self._names[bisect_left(self._names, prefix) : bisect_left(self._names, prefix + _END)]

    def _bucket(self, name: str) -> _Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = _Bucket()
            insort(self._names, name)
        return bucket

    def _put(self, bucket: _Bucket, record: Record) -> None:
        if record.key not in self._current:
            insort(bucket.keys, record.key)
        self._current[record.key] = record

    def _remove(self, bucket: _Bucket, key: str) -> None:
        if self._current.pop(key, None):
            del bucket.keys[bisect_left(bucket.keys, key)]


def _rolled_back(changes: Sequence[Change]) -> dict[str, Record | None]:
    """Return what each changed key held before the first of `changes`."""
    before: dict[str, Record | None] = {}
    for change in changes:
        before.setdefault(change.key, change.previous)
    return before


def _slice(keys: list[str], start: int, end: int) -> Iterator[str]:
    return (keys[index] for index in range(start, end))
