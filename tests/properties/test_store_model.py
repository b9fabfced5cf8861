"""Any sequence of operations on a store answers as a dumb model does: a list of all states there ever were."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from moorage.store.memory import open_memory
from moorage.store.ports import Compacted, FutureRevision, KeyExists, Record, RevisionMismatch
from moorage.store.sqlite.backend import open_sqlite

KEYS = st.sampled_from(
    [f"/core/{kind}/{space}/{name}" for kind in ("pods", "pvcs") for space in "ab" for name in "123"]
)
PREFIXES = st.sampled_from(["", "/core/", "/core/pods/", "/core/pods/a/", "/core/pods/a/1", "/core/p", "/none/"])
VALUES = st.binary(max_size=4)
# A value of None deletes. Several at once, so that histories are long enough to be interesting.
WRITES = st.lists(st.tuples(KEYS, st.one_of(VALUES, st.none())), min_size=4, max_size=16)


class StoreMachine(RuleBasedStateMachine):
    """`states[r]` is everything at revision r; `changes[r]` is (key, value or None) of revision r."""

    @initialize(writes=WRITES)
    def start(self, writes):
        self.loop = asyncio.new_event_loop()
        self.store = self.wait(self.open())
        self.states = [{}]
        self.changes = [("", None)]
        self.compacted = 0
        self.watches = []
        self.write(writes)

    def wait(self, work):
        return self.loop.run_until_complete(work)

    async def open(self):
        return open_memory()

    @property
    def present(self):
        return self.states[-1]

    def step(self, key, value):
        """Let the model take one mutation; return its revision."""
        revision = len(self.states)
        state = dict(self.present)
        if value is None:
            del state[key]
        else:
            created = state[key].created if key in state else revision
            state[key] = Record(key, value, revision, created)
        self.states.append(state)
        self.changes.append((key, value))
        return revision

    @rule(writes=WRITES)
    def write(self, writes):
        for key, value in writes:
            if value is None:
                self.delete(key)
            elif key in self.present:
                self.update(key, value, 0)
            else:
                self.create(key, value)

    @rule(key=KEYS, value=VALUES)
    def create(self, key, value):
        if key in self.present:
            with pytest.raises(KeyExists) as refused:
                self.wait(self.store.create(key, value))
            assert refused.value.current == self.present[key]
            return
        record = self.wait(self.store.create(key, value))
        self.step(key, value)
        assert record == self.present[key]

    @rule(key=KEYS, value=VALUES, off=st.integers(0, 3).map(lambda number: number // 3))
    def update(self, key, value, off):
        current = self.present.get(key)
        expected = (current.revision if current else 1) + off
        if current is None or off:
            with pytest.raises(RevisionMismatch) as refused:
                self.wait(self.store.update(key, value, expected))
            assert refused.value.current == current
            return
        record = self.wait(self.store.update(key, value, expected))
        self.step(key, value)
        assert record == self.present[key]

    @rule(key=KEYS)
    def delete(self, key):
        current = self.present.get(key)
        if current is None:
            with pytest.raises(RevisionMismatch):
                self.wait(self.store.delete(key, 1))
            return
        record = self.wait(self.store.delete(key, current.revision))
        assert record == current._replace(revision=self.step(key, None))

    @rule(prefix=PREFIXES, back=st.integers(-1, 12), limit=st.integers(0, 3), after=st.one_of(st.just(""), KEYS))
    def list(self, prefix, back, limit, after):
        revision = len(self.states) - 1 - back
        if revision < 0:
            return
        reading = self.store.list(prefix, revision=revision, limit=limit, after=after)
        if revision and revision <= self.compacted:
            with pytest.raises(Compacted):
                self.wait(reading)
            return
        if back < 0:
            with pytest.raises(FutureRevision):
                self.wait(reading)
            return
        page = self.wait(reading)
        state = self.states[revision] if revision else self.present
        wanted = [state[key] for key in sorted(state) if key.startswith(prefix) and key > after]
        assert page.records == tuple(wanted[: limit or None])
        assert page.remaining == len(wanted) - len(page.records)
        assert page.revision == (revision or len(self.states) - 1)

    @rule(prefix=PREFIXES, back=st.integers(0, 12))
    def watch(self, prefix, back):
        after = max(len(self.states) - 1 - back, 0)
        if self.compacted and after <= self.compacted:
            with pytest.raises(Compacted):
                self.store.watch(prefix, after)
            return
        self.watches.append((self.store.watch(prefix, after), prefix, after))

    @precondition(lambda self: self.watches)
    @rule(data=st.data())
    def read(self, data):
        index = data.draw(st.integers(0, len(self.watches) - 1))
        watch, prefix, after = self.watches[index]
        due = [
            (revision, *self.changes[revision])
            for revision in range(after + 1, len(self.states))
            if self.changes[revision][0].startswith(prefix)
        ]
        if due:
            batch = []
            while not batch:
                batch = self.wait(anext(watch))
            assert [(change.revision, change.key, change.value) for change in batch] == due
            assert [change.previous for change in batch] == [self.states[due_[0] - 1].get(due_[1]) for due_ in due]
        assert watch.position == len(self.states) - 1
        self.watches[index] = (watch, prefix, watch.position)

    @rule(back=st.integers(0, 8))
    def compact(self, back):
        revision = max(len(self.states) - 1 - back, 0)
        self.wait(self.store.compact(revision))
        self.compacted = max(self.compacted, min(revision, len(self.states) - 2), 0)

    @invariant()
    def revisions_agree(self):
        assert self.store.revision == len(self.states) - 1
        assert self.store.compacted == self.compacted

    def teardown(self):
        if hasattr(self, "store"):
            self.wait(self.store.close())
            self.loop.close()


class SqliteMachine(StoreMachine):
    """The same over a file, with restarts in between."""

    async def open(self):
        self.directory = Path(tempfile.mkdtemp(prefix="moorage-store-"))
        return await open_sqlite(self.directory)

    @rule()
    def restart(self):
        self.wait(self.store.close())
        self.watches.clear()
        self.store = self.wait(open_sqlite(self.directory))

    def teardown(self):
        super().teardown()
        if hasattr(self, "directory"):
            shutil.rmtree(self.directory)


TestMemory = StoreMachine.TestCase
TestMemory.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestSqlite = SqliteMachine.TestCase
TestSqlite.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
