"""A supervised task's failure reaches the owner; stop ends the rest."""

import asyncio

import pytest

from moorage.base.tasks import Tasks


async def fail() -> None:
    raise ValueError("broken")


def test_failure_reaches_the_owner() -> None:
    async def scenario() -> list[tuple[str, str]]:
        seen: list[tuple[str, str]] = []
        tasks = Tasks("room", lambda name, error: seen.append((name, str(error))))
        with pytest.raises(ValueError, match="broken"):
            await tasks.start("worker", fail())
        return seen

    assert asyncio.run(scenario()) == [("room/worker", "broken")]


def test_stop_ends_what_runs_and_reports_nothing() -> None:
    async def scenario() -> tuple[int, int, list[str]]:
        seen: list[str] = []
        tasks = Tasks("room", lambda name, _error: seen.append(name))
        tasks.start("worker", asyncio.Event().wait())
        before = len(tasks)
        await tasks.stop()
        return before, len(tasks), seen

    assert asyncio.run(scenario()) == (1, 0, [])
