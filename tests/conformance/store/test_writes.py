"""What every store does with writes: revisions, compare-and-swap, refusals."""

import asyncio

import pytest

from moorage.base.limits import MAX_OBJECT_BYTES
from moorage.base.system import SystemClock
from moorage.store.ports import KeyExists, Record, RevisionMismatch, StoreFailed, ValueTooLarge

KEY = "/core/pods/default/web-0"


def test_a_new_store_is_at_revision_zero(run):
    async def story(store):
        assert store.revision == 0
        assert store.compacted == 0
        assert await store.get(KEY) is None

    run(story)


def test_each_mutation_gets_the_next_revision(run):
    async def story(store):
        made = await store.create(KEY, b"a")
        changed = await store.update(KEY, b"b", made.revision)
        other = await store.create("/core/nodes/-/n1", b"n")
        gone = await store.delete(KEY, changed.revision)
        assert made == Record(KEY, b"a", 1, 1)
        assert changed == Record(KEY, b"b", 2, 1)
        assert other == Record("/core/nodes/-/n1", b"n", 3, 3)
        assert gone == Record(KEY, b"b", 4, 1)
        assert store.revision == 4

    run(story)


def test_get_returns_what_was_written_last(run):
    async def story(store):
        made = await store.create(KEY, b"a")
        assert await store.get(KEY) == made
        changed = await store.update(KEY, b"\x00\xff" * 100, made.revision)
        assert await store.get(KEY) == changed
        await store.delete(KEY, changed.revision)
        assert await store.get(KEY) is None

    run(story)


def test_a_create_on_a_taken_key_is_refused_with_the_record_there(run):
    async def story(store):
        made = await store.create(KEY, b"a")
        with pytest.raises(KeyExists) as refused:
            await store.create(KEY, b"b")
        assert refused.value.current == made
        assert store.revision == 1

    run(story)


def test_an_update_with_another_revision_is_refused_with_the_record_there(run):
    async def story(store):
        made = await store.create(KEY, b"a")
        with pytest.raises(RevisionMismatch) as refused:
            await store.update(KEY, b"b", made.revision + 1)
        assert refused.value.current == made
        with pytest.raises(RevisionMismatch) as absent:
            await store.update(KEY + "0", b"b", 1)
        assert absent.value.current is None
        assert store.revision == 1

    run(story)


def test_a_delete_with_another_revision_or_of_nothing_is_refused(run):
    async def story(store):
        made = await store.create(KEY, b"a")
        with pytest.raises(RevisionMismatch) as refused:
            await store.delete(KEY, 7)
        assert refused.value.current == made
        await store.delete(KEY, made.revision)
        with pytest.raises(RevisionMismatch) as absent:
            await store.delete(KEY, made.revision)
        assert absent.value.current is None
        assert store.revision == 2

    run(story)


def test_a_key_can_be_made_again_after_its_deletion(run):
    async def story(store):
        made = await store.create(KEY, b"a")
        await store.delete(KEY, made.revision)
        again = await store.create(KEY, b"b")
        assert (again.revision, again.created) == (3, 3)

    run(story)


def test_values_up_to_the_limit_are_stored_and_larger_ones_refused(run):
    async def story(store):
        largest = await store.create(KEY, b"x" * MAX_OBJECT_BYTES)
        assert (await store.get(KEY)) == largest
        with pytest.raises(ValueTooLarge):
            await store.create(KEY + "1", b"x" * (MAX_OBJECT_BYTES + 1))
        with pytest.raises(ValueTooLarge):
            await store.update(KEY, b"x" * (MAX_OBJECT_BYTES + 1), largest.revision)
        assert store.revision == 1

    run(story)


def test_of_many_writers_with_one_expectation_one_wins(run):
    async def story(store):
        made = await store.create(KEY, b"a")
        writes = [store.update(KEY, b"%d" % index, made.revision) for index in range(20)]
        results = await asyncio.gather(*writes, return_exceptions=True)
        winners = [one for one in results if isinstance(one, Record)]
        losers = [one for one in results if isinstance(one, RevisionMismatch)]
        assert len(winners) == 1
        assert len(losers) == 19
        assert all(one.current == winners[0] for one in losers)
        assert store.revision == 2

    run(story)


def test_concurrent_writers_count_without_losing_one(run):
    async def bump(store):
        while True:
            current = await store.get(KEY)
            try:
                await store.update(KEY, b"%d" % (int(current.value) + 1), current.revision)
                return
            except RevisionMismatch:
                continue

    async def story(store):
        await store.create(KEY, b"0")
        await asyncio.gather(*(bump(store) for _ in range(30)))
        record = await store.get(KEY)
        assert record.value == b"30"
        assert record.revision == 31

    run(story)


def test_concurrent_creates_get_one_revision_each(run):
    async def story(store):
        records = await asyncio.gather(*(store.create(f"{KEY}-{index}", b"") for index in range(300)))
        assert sorted(record.revision for record in records) == list(range(1, 301))

    run(story)


def test_a_cancelled_writer_does_not_take_its_write_back_by_half(run):
    async def story(store):
        writer = asyncio.get_running_loop().create_task(store.create(KEY, b"a"))
        await SystemClock().sleep(0)
        writer.cancel()
        await asyncio.wait((writer,))
        with pytest.raises(KeyExists) as refused:
            await store.create(KEY, b"b")
        assert refused.value.current == Record(KEY, b"a", 1, 1)

    run(story)


def test_a_closed_store_refuses_everything(run):
    async def story(store):
        await store.create(KEY, b"a")
        await store.close()
        for refused in (store.get(KEY), store.list("/"), store.create(KEY, b""), store.delete(KEY, 1)):
            with pytest.raises(StoreFailed):
                await refused
        with pytest.raises(StoreFailed):
            store.watch("/", 0)

    run(story)
