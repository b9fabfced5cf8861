"""How many compare-and-swap writes a second each store does, and how long one takes.

In: nothing. Out: a table; medians over rounds. 1 KiB values, one key per writer. Run: `python -m benchmarks.store`.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.machine import machine
from moorage.store.memory import open_memory
from moorage.store.ports import Store
from moorage.store.sqlite.backend import open_sqlite

WRITERS = (1, 10, 100)
SECONDS = 1.0
ROUNDS = 3
VALUE = b"x" * 1024


async def write(store: Store, key: str, until: float, taken: list[float]) -> None:
    """Update one key until the time is up, noting how long each write took."""
    record = await store.create(key, VALUE)
    started = time.perf_counter()
    while started < until:
        record = await store.update(key, VALUE, record.revision)
        ended = time.perf_counter()
        taken.append(ended - started)
        started = ended
    await store.delete(key, record.revision)


async def measure(store: Store, writers: int) -> tuple[float, float, float]:
    """Return writes a second, and the median and 99th percentile of one write in milliseconds."""
    taken: list[float] = []
    until = time.perf_counter() + SECONDS
    keys = (f"/core/pods/bench/{index}" for index in range(writers))
    await asyncio.gather(*(write(store, key, until, taken) for key in keys))
    taken.sort()
    return len(taken) / SECONDS, taken[len(taken) // 2] * 1000, taken[len(taken) * 99 // 100] * 1000


async def backend(name: str, make: Callable[[], Awaitable[Store]]) -> dict[int, float]:
    """Print the lines of one backend; return its median rate per number of writers."""
    rates: dict[int, float] = {}
    store = await make()
    for writers in WRITERS:
        rounds = [await measure(store, writers) for _ in range(ROUNDS)]
        rate, middle, slow = (statistics.median(column) for column in zip(*rounds, strict=True))
        rates[writers] = rate
        print(f"{name:8} {writers:4} writers  {rate:9.0f}/s   p50 {middle:7.3f} ms   p99 {slow:7.3f} ms")
    await store.close()
    return rates


async def reopen(directory: Path, objects: int) -> None:
    """Print how long a store with many objects takes to open."""
    store = await open_sqlite(directory)
    await asyncio.gather(*(store.create(f"/core/pods/bench/{index}", VALUE) for index in range(objects)))
    await store.close()
    started = time.perf_counter()
    store = await open_sqlite(directory)
    print(f"open with {objects} objects of 1 KiB: {(time.perf_counter() - started) * 1000:.0f} ms")
    started = time.perf_counter()
    page = await store.list("/core/pods/", limit=500, after="/core/pods/bench/5")
    print(f"page of {len(page.records)} out of {objects}: {(time.perf_counter() - started) * 1000:.2f} ms")
    await store.close()


def main() -> None:
    """Print a table."""
    asyncio.run(compare())


async def compare() -> None:
    """Measure both backends and print their ratio."""
    print(machine())

    async def memory() -> Store:
        return open_memory()

    with tempfile.TemporaryDirectory() as directory:
        fast = await backend("memory", memory)
        durable = await backend("sqlite", lambda: open_sqlite(Path(directory) / "rates"))
        for writers in WRITERS:
            print(f"memory is {fast[writers] / durable[writers]:.0f} times as fast as sqlite with {writers} writers")
        await reopen(Path(directory) / "reopen", 20_000)


if __name__ == "__main__":
    main()
