"""The work queue: keys once, never together, never lost."""

import asyncio
from collections.abc import Awaitable, Callable

from moorage.api.refs import ObjectKey
from moorage.base.tasks import Tasks
from moorage.reconcile.queue import WorkQueue
from tests.fakes.clock import ManualClock, settle

A, B = ObjectKey("d", "a"), ObjectKey("d", "b")


def _play(story: Callable[[WorkQueue, ManualClock, Tasks], Awaitable[None]]) -> None:
    async def main() -> None:
        clock = ManualClock()
        tasks = Tasks("test", lambda name, problem: None)
        try:
            await story(WorkQueue(clock, tasks), clock, tasks)
        finally:
            await tasks.stop()

    asyncio.run(main())


def test_a_key_waits_once() -> None:
    async def story(queue: WorkQueue, clock: ManualClock, tasks: Tasks) -> None:
        for _ in range(3):
            queue.add(A)
        queue.add(B)
        assert len(queue) == 2
        assert [await queue.take(), await queue.take()] == [A, B]
        assert len(queue) == 0

    _play(story)


def test_a_key_added_during_its_work_runs_again_afterwards() -> None:
    async def story(queue: WorkQueue, clock: ManualClock, tasks: Tasks) -> None:
        queue.add(A)
        key = await queue.take()
        queue.add(A)
        assert len(queue) == 0
        assert not queue.idle
        queue.done(key)
        assert await queue.take() == A
        queue.done(A)
        assert queue.idle

    _play(story)


def test_takers_are_served_as_keys_come() -> None:
    async def story(queue: WorkQueue, clock: ManualClock, tasks: Tasks) -> None:
        takers = [tasks.start("taker", queue.take()) for _ in range(2)]
        await settle()
        queue.add(A)
        queue.add(B)
        await settle()
        assert [taker.result() for taker in takers] == [A, B]

    _play(story)


def test_a_cancelled_taker_loses_nothing() -> None:
    async def story(queue: WorkQueue, clock: ManualClock, tasks: Tasks) -> None:
        first, second = (tasks.start("taker", queue.take()) for _ in range(2))
        await settle()
        queue.add(A)
        first.cancel()
        await settle()
        assert second.result() == A

    _play(story)


def test_delayed_keys_come_when_due_and_only_the_earliest_counts() -> None:
    async def story(queue: WorkQueue, clock: ManualClock, tasks: Tasks) -> None:
        queue.add_after(A, 10)
        queue.add_after(A, 5)
        queue.add_after(A, 7)
        await clock.advance(4.9)
        assert len(queue) == 0
        await clock.advance(0.2)
        assert len(queue) == 1
        queue.done(await queue.take())
        await clock.advance(10)
        assert len(queue) == 0

    _play(story)


def test_no_delay_is_now() -> None:
    async def story(queue: WorkQueue, clock: ManualClock, tasks: Tasks) -> None:
        queue.add_after(A, 0)
        assert len(queue) == 1

    _play(story)


def test_failures_back_off_each_key_for_itself() -> None:
    async def story(queue: WorkQueue, clock: ManualClock, tasks: Tasks) -> None:
        assert [queue.retry(A) for _ in range(3)] == [0.005, 0.01, 0.02]
        assert queue.retry(B) == 0.005
        assert queue.failures(A) == 3
        queue.forget(A)
        assert queue.retry(A) == 0.005
        for _ in range(40):
            longest = queue.retry(B)
        assert longest == 1000.0

    _play(story)
