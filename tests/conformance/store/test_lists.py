"""What every store does with lists: order, prefixes, pages, snapshots of a revision."""

import asyncio

import pytest

from moorage.base.system import SystemClock
from moorage.store.ports import Compacted, FutureRevision

PODS = "/core/pods/"


def keys(page):
    return [record.key for record in page.records]


async def fill(store, *names):
    for name in names:
        await store.create(name, name.encode())


def test_a_list_is_in_key_order_and_of_its_prefix_only(run):
    async def story(store):
        names = ["/core/pods/b/2", "/core/pods/a/9", "/core/podsx/a/1", "/core/nodes/-/n", "/core/pods/a/10", "/z"]
        await fill(store, *names)
        assert keys(await store.list(PODS)) == ["/core/pods/a/10", "/core/pods/a/9", "/core/pods/b/2"]
        assert keys(await store.list("/core/pods/a/")) == ["/core/pods/a/10", "/core/pods/a/9"]
        assert keys(await store.list("/core/pods/a/9")) == ["/core/pods/a/9"]
        assert keys(await store.list("/core/pods")) == sorted([*names[:3], names[4]])
        assert keys(await store.list("/")) == sorted(names)
        assert keys(await store.list("")) == sorted(names)
        assert keys(await store.list("/none/")) == []

    run(story)


def test_an_empty_list_names_the_present_revision(run):
    async def story(store):
        assert (await store.list(PODS)).revision == 0
        await fill(store, "/core/nodes/-/n")
        page = await store.list(PODS)
        assert (page.records, page.revision, page.remaining) == ((), 1, 0)

    run(story)


def test_pages_cover_the_list_once_and_say_what_remains(run):
    async def story(store):
        await fill(store, *(f"/core/pods/ns{index % 3}/p{index:02}" for index in range(25)))
        everything = await store.list(PODS)
        seen, after, left = [], "", []
        while True:
            page = await store.list(PODS, revision=everything.revision, limit=10, after=after)
            seen += page.records
            left.append(page.remaining)
            if not page.remaining:
                break
            after = page.records[-1].key
        assert tuple(seen) == everything.records
        assert left == [15, 5, 0]

    run(story)


def test_pages_run_over_several_resources(run):
    async def story(store):
        await fill(store, "/a/x/n/1", "/a/x/n/2", "/a/y/n/1", "/b/z/n/1")
        first = await store.list("/", limit=3)
        assert (keys(first), first.remaining) == (["/a/x/n/1", "/a/x/n/2", "/a/y/n/1"], 1)
        second = await store.list("/", revision=first.revision, limit=3, after="/a/y/n/1")
        assert (keys(second), second.remaining) == (["/b/z/n/1"], 0)
        assert (await store.list("/a/", limit=1)).remaining == 2

    run(story)


def test_after_may_name_a_key_that_is_not_there(run):
    async def story(store):
        await fill(store, "/core/pods/a/1", "/core/pods/a/3")
        assert keys(await store.list(PODS, after="/core/pods/a/2")) == ["/core/pods/a/3"]
        assert keys(await store.list(PODS, after="/core/nodes/")) == ["/core/pods/a/1", "/core/pods/a/3"]
        assert keys(await store.list(PODS, after="/core/secrets/")) == []

    run(story)


def test_a_list_at_a_revision_shows_that_revision(run):
    async def story(store):
        one = await store.create("/core/pods/a/1", b"1")
        two = await store.create("/core/pods/a/2", b"2")
        before = await store.list(PODS)
        await store.update(one.key, b"1b", one.revision)
        await store.delete(two.key, two.revision)
        await store.create("/core/pods/a/0", b"0")
        await store.create("/core/pods/a/2", b"again")
        assert (await store.list(PODS, revision=2)).records == before.records == (one, two)
        assert keys(await store.list(PODS, revision=4)) == [one.key]
        assert keys(await store.list(PODS)) == ["/core/pods/a/0", "/core/pods/a/1", "/core/pods/a/2"]

    run(story)


def test_pages_of_an_old_revision_stay_consistent_under_writes(run):
    async def story(store):
        for index in range(20):
            await store.create(f"/core/pods/a/{index:02}", b"old")
        snapshot = await store.list(PODS)
        first = await store.list(PODS, limit=7)
        for record in snapshot.records[::2]:
            await store.delete(record.key, record.revision)
        for record in snapshot.records[1::2]:
            await store.update(record.key, b"new", record.revision)
        await store.create("/core/pods/a/zz", b"new")
        rest = await store.list(PODS, revision=first.revision, after=first.records[-1].key, limit=7)
        last = await store.list(PODS, revision=first.revision, after=rest.records[-1].key, limit=7)
        assert first.records + rest.records + last.records == snapshot.records
        assert (first.remaining, rest.remaining, last.remaining) == (13, 6, 0)

    run(story)


def test_a_future_revision_is_refused(run):
    async def story(store):
        await fill(store, "/core/pods/a/1")
        with pytest.raises(FutureRevision) as refused:
            await store.list(PODS, revision=2)
        assert (refused.value.asked, refused.value.current) == (2, 1)

    run(story)


def test_a_compacted_revision_is_refused_and_the_next_one_kept(run):
    async def story(store):
        record = await store.create("/core/pods/a/1", b"1")
        for index in range(5):
            record = await store.update(record.key, b"%d" % index, record.revision)
        await store.compact(3)
        assert store.compacted == 3
        with pytest.raises(Compacted) as refused:
            await store.list(PODS, revision=3)
        assert (refused.value.asked, refused.value.compacted) == (3, 3)
        assert [one.value for one in (await store.list(PODS, revision=4)).records] == [b"2"]
        assert (await store.get(record.key)) == record

    run(story)


def test_compaction_never_reaches_the_latest_revision(run):
    async def story(store):
        await fill(store, "/core/pods/a/1", "/core/pods/a/2")
        await store.compact(2)
        assert store.compacted == 1
        page = await store.list(PODS)
        assert keys(await store.list(PODS, revision=page.revision)) == keys(page)
        with pytest.raises(FutureRevision):
            await store.compact(3)

    run(story)


def test_compacting_backwards_changes_nothing(run):
    async def story(store):
        await fill(store, *(f"/core/pods/a/{index}" for index in range(6)))
        await store.compact(4)
        await store.compact(2)
        assert store.compacted == 4

    run(story)


def test_reads_during_writes_see_whole_revisions(run):
    """A list names a revision and shows exactly that many creations."""

    async def story(store):
        async def write(part):
            for index in range(20):
                await store.create(f"/core/pods/{part}/{index}", b"")

        async def read():
            for _ in range(50):
                page = await store.list(PODS)
                assert len(page.records) == page.revision
                await SystemClock().sleep(0)

        await asyncio.gather(write("a"), write("b"), read())

    run(story)
