"""What the runtime has, kept fresh: one list for everyone who asks, on events and every few seconds.

In: the runtime. Out: `RuntimePod` by uid, and a call for each pod that changed. The list is the truth, events are hints.
"""

import asyncio
from collections.abc import Callable

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.nodeagent.ports import Runtime, RuntimePod

_log = logger("nodeagent.relist")


class Relist:
    """The agent's picture of the runtime.

    Args:
        runtime: what is listed.
        clock: time between lists.
        seconds: how long that is.
        changed: called with the uid of each pod that is not as it was.
    """

    def __init__(self, runtime: Runtime, clock: Clock, seconds: float, changed: Callable[[str], None]) -> None:
        self._runtime = runtime
        self._clock = clock
        self._seconds = seconds
        self._changed = changed
        self._wanted = asyncio.Event()
        self._round: asyncio.Future[str] | None = None
        self.pods: dict[str, RuntimePod] = {}
        self.healthy = True

    def start(self, tasks: Tasks) -> None:
        """Follow in the background."""
        tasks.start("relist", self._run())
        tasks.start("relist timer", self._periodically())
        tasks.start("runtime events", self._follow())

    async def fresh(self) -> None:
        """Return once `pods` comes from a list that began after this call. Raises: Unavailable."""
        if self._round is None:
            self._round = asyncio.get_running_loop().create_future()
        self._wanted.set()
        problem = await asyncio.shield(self._round)
        if problem:
            raise Unavailable(problem)

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            asked, self._round = self._round, None
            problem = await self._list()
            self.healthy = not problem
            if asked is not None:
                asked.set_result(problem)

    async def _list(self) -> str:
        """List; return what went wrong, "" for nothing."""
        try:
            found = {pod.uid: pod for pod in await self._runtime.list_pods()}
        except (Unavailable, RuntimeFailure) as error:
            _log.warning("the runtime cannot be listed", problem=error)
            return str(error)
        before, self.pods = self.pods, found
        for uid in before.keys() | found.keys():
            if before.get(uid) != found.get(uid):
                self._changed(uid)
        return ""

    async def _periodically(self) -> None:
        while True:
            self._wanted.set()
            await self._clock.sleep(self._seconds)

    async def _follow(self) -> None:
        async for _ in self._runtime.events():
            self._wanted.set()
