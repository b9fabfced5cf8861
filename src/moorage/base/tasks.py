"""Supervised tasks: nothing runs that nobody watches.

In: coroutines. Out: `Tasks`, a group whose members' failures reach the owner instead of vanishing.
Unlike `asyncio.TaskGroup` it lives as long as a component does: it is opened by `start`, and `stop` ends it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """A set of background tasks with one owner.

    Args:
        name: shown in task names, e.g. `apiserver`.
        on_failure: called once with the name and error of each task that dies; the owner decides what then.
    """

    def __init__(self, name: str, on_failure: Callable[[str, BaseException], None]) -> None:
        self._name = name
        self._on_failure = on_failure
        # In order of their start, so that a simulated run stops them in the same order each time.
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` in the background until it ends or `stop` cancels it."""
        task = asyncio.get_running_loop().create_task(work, name=f"{self._name}/{name}")
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        """Return how many tasks are still running."""
        return len(self._tasks)

    async def stop(self) -> None:
        """Cancel every task and wait until each has ended."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.pop(task, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._on_failure(task.get_name(), error)
