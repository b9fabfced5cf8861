"""Runs a pod's pre-removal hook when its controller asks for it, until it has succeeded once.

In: the pod with its request (`api.removal`), its containers. Out: the condition that answers, events. The answer is in the API:
an agent that starts anew runs an unanswered hook again.
"""

import asyncio
from collections.abc import Callable

from moorage.api import removal
from moorage.api.removal import Request
from moorage.api.times import format_time
from moorage.base.backoff import Backoff
from moorage.base.errors import ApiError, Unavailable
from moorage.base.log import logger
from moorage.nodeagent import attempts
from moorage.nodeagent.attempts import Target
from moorage.nodeagent.events import PodEvents
from moorage.nodeagent.podspec import Container, Pod, Probe
from moorage.nodeagent.ports import ContainerState, RuntimePod
from moorage.nodeagent.probes import Attempt, Verdict
from moorage.nodeagent.tools import Tools

_log = logger("nodeagent.preremoval")
RETRY_SECONDS = (1.0, 60.0)
"""Between two runs of a hook that fails: first and longest pause."""


class PreRemoval:
    """The pre-removal hook of one pod.

    Args:
        tools: of the node.
        events: of the pod.
        runtime: returns what the runtime has of the pod now.
    """

    def __init__(self, tools: Tools, events: PodEvents, runtime: Callable[[], RuntimePod | None]) -> None:
        self._tools = tools
        self._events = events
        self._runtime = runtime
        self._request: Request | None = None
        self._task: asyncio.Task[None] | None = None

    def sync(self, pod: Pod) -> None:
        """Take up a new request, drop one that was withdrawn."""
        request = removal.request_of(pod.document)
        if request == self._request:
            return
        self.stop()
        self._request = request
        if request is not None and not removal.is_prepared(pod.document, request):
            self._task = self._tools.tasks.start(f"removal hook {pod.name}", self._run(pod, request))

    def stop(self) -> None:
        """Run no hook any more."""
        if self._task is not None:
            self._task.cancel()
        self._task, self._request = None, None

    async def _run(self, pod: Pod, request: Request) -> None:
        backoff, told = Backoff(*RETRY_SECONDS), ""
        while True:
            made = await self._attempt(pod, request)
            prepared = made.verdict is Verdict.SUCCESS
            text = "the hook succeeded" if prepared else f"the hook failed: {made.message or 'no output'}"
            if text != told:
                await self._tell(pod, request, text, prepared=prepared)
                told = text
            if prepared:
                return
            await self._tools.clock.sleep(backoff.failed("hook"))

    async def _attempt(self, pod: Pod, request: Request) -> Attempt:
        spec = self._container(pod, request)
        runtime = self._runtime()
        name = spec.name if spec is not None else request.hook.get("container")
        found = (one for one in (runtime.containers if runtime else ()) if one.name == name)
        running = next((one for one in found if one.state is ContainerState.RUNNING), None)
        if spec is None or running is None or runtime is None:
            return Attempt(Verdict.ERROR, f"container {name} does not run")
        address = runtime.sandboxes[0].ip if runtime.sandboxes else ""
        target = Target(spec, running.id, address or self._tools.settings.address)
        hook = request.hook
        seconds = hook.get("timeoutSeconds", removal.TIMEOUT_SECONDS)
        probe = Probe(exec=hook.get("exec"), http_get=hook.get("httpGet"), timeout_seconds=seconds)
        return await attempts.attempt(probe, target, self._tools.runtime, self._tools.network)

    def _container(self, pod: Pod, request: Request) -> Container | None:
        name = request.hook.get("container")
        return pod.container(name) if name else pod.spec.containers[0]

    async def _tell(self, pod: Pod, request: Request, text: str, *, prepared: bool) -> None:
        """Write the answer, however often it takes."""
        if prepared:
            self._events.normal("PreRemovalHookSucceeded", "The pod is prepared for its removal")
        else:
            self._events.warning("FailedPreRemovalHook", f"PreRemovalHook: {text}")
        condition = {
            **removal.answer(request, " ".join(text.split()), prepared=prepared),
            "lastTransitionTime": format_time(self._tools.clock.now()),
        }
        patch = {"metadata": {"uid": pod.uid}, "status": {"conditions": [condition]}}
        backoff = Backoff(*RETRY_SECONDS)
        while True:
            try:
                await self._tools.cluster.write_status(pod, patch)
            except (ApiError, Unavailable) as error:
                _log.info("answer not written, trying again", pod=pod.full_name, problem=error)
                await self._tools.clock.sleep(backoff.failed("answer"))
            else:
                return
