"""The line of pods: order, back-off, and that no key is lost."""

import asyncio

from moorage.api.refs import ObjectKey
from moorage.base.tasks import Tasks
from moorage.scheduler.queue import LONGEST_PARK_SECONDS, PodQueue
from tests.fakes.clock import ManualClock, settle

A, B, C = (ObjectKey("default", name) for name in "abc")
FIT = frozenset(("NodeResourcesFit",))


def told(story):
    """Run a story on a queue with a clock of its own."""

    async def tell():
        clock, failures = ManualClock(), []
        tasks = Tasks("test", lambda name, problem: failures.append(problem))
        await asyncio.wait_for(story(PodQueue(clock, tasks), clock, tasks), 5)
        await tasks.stop()
        assert failures == []

    asyncio.run(tell())


async def line(queue):
    """Return the keys in line, in order."""
    keys = []
    while True:
        taker = asyncio.get_running_loop().create_task(queue.take())
        await settle(3)
        if not taker.done():
            taker.cancel()
            return keys
        keys.append(taker.result())


def test_the_important_come_first_and_else_who_came_first():
    async def story(queue, clock, tasks):
        for key, priority in ((A, 0), (B, 10), (C, 0), (A, 0)):
            queue.add(key, priority)
        assert await line(queue) == [B, A, C]

    told(story)


def test_a_waiting_worker_wakes_up():
    async def story(queue, clock, tasks):
        worker = asyncio.get_running_loop().create_task(queue.take())
        await settle()
        queue.add(A, 0)
        assert await worker == A

    told(story)


def test_a_refused_pod_waits_for_news_that_concern_it_and_for_its_back_off():
    async def story(queue, clock, tasks):
        queue.park(A, 0, FIT)
        await clock.advance(1)
        assert await line(queue) == []
        queue.wake(frozenset(("VolumeBinding",)))
        assert await line(queue) == []
        queue.wake(FIT | {"NodePorts"})
        assert await line(queue) == [A]
        queue.park(A, 0, FIT)
        queue.wake(FIT)
        assert await line(queue) == []
        await clock.advance(0.1)
        assert await line(queue) == [A]

    told(story)


def test_news_of_any_kind_wake_everyone():
    async def story(queue, clock, tasks):
        queue.park(A, 0, frozenset())
        queue.park(B, 0, FIT)
        await clock.advance(1)
        queue.wake()
        assert await line(queue) == [A, B]

    told(story)


def test_the_back_off_grows_to_ten_seconds_and_is_forgotten_with_the_pod():
    async def story(queue, clock, tasks):
        for _ in range(12):
            queue.park(A, 0, FIT)
        queue.wake(FIT)
        await clock.advance(9.9)
        assert await line(queue) == []
        await clock.advance(0.2)
        assert await line(queue) == [A]
        queue.remove(A)
        queue.park(A, 0, FIT)
        queue.wake(FIT)
        await clock.advance(0.06)
        assert await line(queue) == [A]

    told(story)


def test_a_retry_needs_no_news():
    async def story(queue, clock, tasks):
        queue.retry(A, 0)
        assert await line(queue) == []
        await clock.advance(0.06)
        assert await line(queue) == [A]

    told(story)


def test_a_removed_pod_does_not_come_back():
    async def story(queue, clock, tasks):
        queue.add(A, 0)
        queue.remove(A)
        queue.retry(B, 0)
        queue.remove(B)
        await clock.advance(1)
        assert await line(queue) == []
        assert len(queue) == 0

    told(story)


def test_refused_pods_are_looked_at_from_time_to_time_without_any_news():
    async def story(queue, clock, tasks):
        tasks.start("sweep", queue.sweep())
        queue.park(A, 0, FIT)
        await clock.advance(LONGEST_PARK_SECONDS - 1)
        assert await line(queue) == []
        await clock.advance(2)
        assert await line(queue) == [A]

    told(story)
