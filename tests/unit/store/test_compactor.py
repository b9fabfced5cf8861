"""When history is dropped."""

import asyncio
import datetime

import pytest

from moorage.store.compactor import run, target
from moorage.store.memory import open_memory


@pytest.mark.parametrize(
    ("seen", "revision", "expected"),
    [(0, 50, 0), (50, 60, 0), (5000, 5000, 4000), (3000, 5000, 3000), (4500, 5000, 4000)],
)
def test_the_target_keeps_the_latest_thousand_and_one_interval(seen, revision, expected):
    assert target(seen, revision) == expected


class Ticks:
    """A clock whose sleep lets a writer work, and ends the run after some rounds."""

    def __init__(self, store, rounds):
        self.store = store
        self.rounds = rounds
        self.slept = []

    def now(self):
        return datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)

    def monotonic(self):
        return sum(self.slept)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        if len(self.slept) > self.rounds:
            raise asyncio.CancelledError
        for _ in range(2000):
            await self.store.create(f"/core/pods/a/{self.store.revision}", b"")


def test_history_is_kept_for_one_to_two_intervals():
    async def story():
        store = open_memory()
        clock = Ticks(store, rounds=3)
        with pytest.raises(asyncio.CancelledError):
            await run(store, clock, interval=300.0)
        assert clock.slept == [300.0] * 4
        assert (store.revision, store.compacted) == (6000, 4000)

    asyncio.run(story())
