"""Opens each backend in turn for the one suite that binds them all."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from moorage.store.memory import open_memory
from moorage.store.ports import Store
from moorage.store.sqlite.backend import open_sqlite

Story = Callable[[Store], Awaitable[Any]]


@pytest.fixture(params=["memory", "sqlite"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Story], Any]:
    """Return a function that runs one story on a fresh store and closes it."""

    async def tell(story: Story) -> Any:
        store = open_memory() if request.param == "memory" else await open_sqlite(tmp_path / "store")
        try:
            return await asyncio.wait_for(story(store), timeout=30)
        finally:
            await store.close()

    return lambda story: asyncio.run(tell(story))
