"""Stops containers: preStop hook, stop signal, kill, within one grace period.

In: `Stop`s. Out: containers that have ended. A deadline that moves closer while a stop is under way is obeyed.
Rules: kuberuntime_container.go killContainer, Kubernetes 1.32.
"""

import asyncio

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.nodeagent import hooks
from moorage.nodeagent.attempts import Target
from moorage.nodeagent.events import PodEvents
from moorage.nodeagent.plan import Stop
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.tools import Tools

_log = logger("nodeagent.stop")
MIN_SECONDS = 2.0
"""Shortest time between the stop signal and the kill (kubelet's), seconds."""


class Stopper:
    """Stops what one pod runs.

    Args:
        tools: of the node.
        events: of the pod.
    """

    def __init__(self, tools: Tools, events: PodEvents) -> None:
        self._tools = tools
        self._events = events
        self._hooked: set[str] = set()
        self._announced: set[str] = set()
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Return from a `stop` under way: the caller decides anew, with the deadline there is now."""
        self._hurry.set()

    async def stop(self, pod: Pod, stops: tuple[Stop, ...], address: str) -> None:
        """Stop containers, all at once, until each has ended or `hurry` is called."""
        self._hurry.clear()
        tasks = [self._tools.tasks.start(f"stop {one.name}", self._one(pod, one, address)) for one in stops]
        hurry = self._tools.tasks.start("hurry", self._hurry.wait())
        try:
            everything = self._tools.tasks.start("stops", _all(tasks))
            await asyncio.wait([everything, hurry], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, hurry, everything):
                task.cancel()
            await asyncio.gather(*tasks, hurry, everything, return_exceptions=True)

    async def _one(self, pod: Pod, stop: Stop, address: str) -> None:
        if stop.id not in self._announced:
            self._announced.add(stop.id)
            self._events.normal("Killing", stop.message, stop.name)
        await self._pre_stop(pod, stop, address)
        left = stop.deadline - self._tools.now()
        try:
            await self._tools.runtime.stop_container(stop.id, max(left, MIN_SECONDS))
        except (RuntimeFailure, Unavailable) as error:
            # The next look at the runtime shows it still running, and it is stopped again.
            _log.warning("container not stopped", pod=pod.full_name, container=stop.name, problem=error)
            await self._tools.clock.sleep(1.0)

    async def _pre_stop(self, pod: Pod, stop: Stop, address: str) -> None:
        spec = pod.container(stop.name)
        hook = spec.lifecycle.pre_stop if spec else None
        left = stop.deadline - self._tools.now()
        if spec is None or hook is None or stop.id in self._hooked or left <= 0:
            return
        self._hooked.add(stop.id)
        means = (self._tools.runtime, self._tools.network, self._tools.clock)
        problem = await hooks.run(hook, Target(spec, stop.id, address), means, left)
        if problem:
            _log.info("preStop hook failed", pod=pod.full_name, container=stop.name, problem=problem)
            self._events.warning("FailedPreStopHook", "PreStopHook failed", stop.name)


async def _all(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
