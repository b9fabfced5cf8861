"""What every store does with watches: every change once and in order, or an error."""

import asyncio

import pytest

from moorage.base.limits import WATCH_BUFFER_EVENTS
from moorage.base.system import SystemClock
from moorage.store.ports import ChangeType, Compacted, FutureRevision, Record

PODS = "/core/pods/"
A = "/core/pods/a/1"


async def collect(watch, count):
    """Read until `count` changes came."""
    changes = []
    while len(changes) < count:
        changes += await anext(watch)
    return changes


def revisions(changes):
    return [change.revision for change in changes]


def test_a_watch_tells_each_change_with_what_was_before(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        made = await store.create(A, b"1")
        changed = await store.update(A, b"2", made.revision)
        await store.delete(A, changed.revision)
        created, updated, deleted = await collect(watch, 3)
        assert created == (ChangeType.CREATED, A, 1, b"1", None)
        assert updated == (ChangeType.UPDATED, A, 2, b"2", made)
        assert deleted == (ChangeType.DELETED, A, 3, None, Record(A, b"2", 2, 1))

    run(story)


def test_a_watch_starts_with_history_and_goes_on_live(run):
    async def story(store):
        for index in range(5):
            await store.create(f"{PODS}a/{index}", b"")
        watch = store.watch(PODS, 2)
        await store.create(f"{PODS}a/x", b"")
        assert revisions(await collect(watch, 4)) == [3, 4, 5, 6]

    run(story)


def test_a_watch_sees_its_prefix_only(run):
    async def story(store):
        watches = {prefix: store.watch(prefix, 0) for prefix in ("", "/", "/core/", PODS, "/core/pods/a/", A)}
        for key in ("/apps/sets/a/1", "/core/nodes/-/n", "/core/pods/b/1", "/core/pods/a/2", A, "/core/podsx/a/1"):
            await store.create(key, b"")
        expected = {
            "": [1, 2, 3, 4, 5, 6],
            "/": [1, 2, 3, 4, 5, 6],
            "/core/": [2, 3, 4, 5, 6],
            PODS: [3, 4, 5],
            "/core/pods/a/": [4, 5],
            A: [5],
        }
        found = {prefix: revisions(await collect(watch, len(expected[prefix]))) for prefix, watch in watches.items()}
        assert found == expected

    run(story)


def test_history_over_several_resources_comes_in_order(run):
    async def story(store):
        for index in range(30):
            await store.create(f"/core/{'pods' if index % 3 else 'nodes'}/a/{index}", b"")
        assert revisions(await collect(store.watch("/core/", 10), 20)) == list(range(11, 31))

    run(story)


def test_the_first_batch_says_that_nothing_was_missed(run):
    async def story(store):
        await store.create(A, b"")
        watch = store.watch(PODS, 1)
        assert list(await anext(watch)) == []
        assert watch.position == 1

    run(story)


def test_position_covers_other_prefixes_but_not_what_waits(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        await store.create("/core/nodes/-/n", b"")
        assert watch.position == 1
        await store.create(A, b"")
        await store.create("/core/nodes/-/m", b"")
        assert watch.position == 1
        assert revisions(await collect(watch, 1)) == [2]
        assert watch.position == 3

    run(story)


def test_a_waiting_watch_wakes_up(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        await anext(watch)
        step = asyncio.get_running_loop().create_task(anext(watch))
        await SystemClock().sleep(0)
        assert not step.done()
        await store.create("/core/nodes/-/n", b"")
        await store.create(A, b"")
        assert revisions(await step) == [2]

    run(story)


def test_a_cancelled_step_loses_nothing(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        await anext(watch)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(watch), 0.01)
        await store.create(A, b"")
        assert revisions(await collect(watch, 1)) == [1]

    run(story)


def test_a_watch_at_or_below_the_compacted_revision_is_refused(run):
    async def story(store):
        for index in range(6):
            await store.create(f"{PODS}a/{index}", b"")
        await store.compact(4)
        for after in (0, 3, 4):
            with pytest.raises(Compacted) as refused:
                store.watch(PODS, after)
            assert (refused.value.asked, refused.value.compacted) == (after, 4)
        assert revisions(await collect(store.watch(PODS, 5), 1)) == [6]

    run(story)


def test_an_open_watch_survives_compaction_without_a_gap(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        record = await store.create(A, b"")
        await store.delete(A, record.revision)
        await store.create(A, b"")
        await store.compact(2)
        assert revisions(await collect(watch, 3)) == [1, 2, 3]

    run(story)


def test_a_watch_of_the_future_is_refused(run):
    async def story(store):
        with pytest.raises(FutureRevision):
            store.watch(PODS, 1)

    run(story)


def test_a_reader_that_lags_too_far_is_refused_not_thinned(run):
    async def story(store):
        slow, other = store.watch(PODS, 0), store.watch("/core/nodes/", 0)
        writes = (store.create(f"{PODS}a/{index}", b"") for index in range(WATCH_BUFFER_EVENTS + 1))
        await asyncio.gather(*writes)
        with pytest.raises(Compacted):
            await anext(slow)
        await store.create("/core/nodes/-/n", b"")
        assert revisions(await collect(other, 1)) == [WATCH_BUFFER_EVENTS + 2]

    run(story)


def test_a_closed_watch_ends_its_waiting_step(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        await anext(watch)
        step = asyncio.get_running_loop().create_task(anext(watch))
        await SystemClock().sleep(0)
        await watch.aclose()
        with pytest.raises(StopAsyncIteration):
            await step
        await store.create(A, b"")
        assert [batch async for batch in watch] == []

    run(story)


def test_closing_the_store_ends_watches(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        await anext(watch)
        await store.close()
        assert [batch async for batch in watch] == []

    run(story)


def test_watchers_see_a_write_before_or_when_its_writer_does(run):
    async def story(store):
        watch = store.watch(PODS, 0)
        await anext(watch)
        record = await store.create(A, b"")
        assert revisions(await asyncio.wait_for(anext(watch), 0.01)) == [record.revision]

    run(story)
