"""Runs the probes of one container while it runs.

In: a running container. Out: `ProbeResults`, told when they change; Unhealthy events. One task a probe.
Rules: kubelet/prober, Kubernetes 1.32: liveness and readiness wait for startup; a liveness verdict ends its worker.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.nodeagent import probes
from moorage.nodeagent.attempts import Network, Target, attempt
from moorage.nodeagent.events import PodEvents
from moorage.nodeagent.podspec import Probe
from moorage.nodeagent.ports import Runtime
from moorage.nodeagent.probes import Attempt, Counter, Kind, Verdict
from moorage.nodeagent.snapshot import ProbeResults


@dataclass(frozen=True, slots=True)
class Means:
    """What probing needs of the node."""

    runtime: Runtime
    network: Network
    clock: Clock


class ContainerProber:
    """The probes of one container, from its start to its end.

    Args:
        target: what is probed.
        means: how.
        events: where Unhealthy goes.
        changed: called whenever the results mean something new.
    """

    def __init__(self, target: Target, means: Means, events: PodEvents, changed: Callable[[], None]) -> None:
        self._target = target
        self._means = means
        self._events = events
        self._changed = changed
        self._counters = {kind: probes.initial(kind) for kind in Kind}
        self._startup_over = asyncio.Event()

    def remember(self, known: ProbeResults) -> None:
        """Take over what an agent before this one had found out of the same container."""
        if known.started:
            self._counters[Kind.STARTUP] = Counter(passing=True)
        if known.ready:
            self._counters[Kind.READINESS] = Counter(passing=True)

    @property
    def results(self) -> ProbeResults:
        """What is known now."""
        return probes.results(self._target.container, self._counters)

    def start(self, tasks: Tasks, started_at: float) -> list[asyncio.Task[None]]:
        """Start a task for each probe; `started_at` is the container's start, UTC seconds."""
        running = []
        if self._target.container.startup_probe is None or self._counters[Kind.STARTUP].passing:
            self._startup_over.set()
        for kind in Kind:
            probe = probes.of(self._target.container, kind)
            over = kind is Kind.STARTUP and self._startup_over.is_set()
            if probe is not None and not over:
                name = f"{kind.value} {self._target.container_id[:12]}"
                running.append(tasks.start(name, self._run(kind, probe, started_at)))
        return running

    async def _run(self, kind: Kind, probe: Probe, started_at: float) -> None:
        clock = self._means.clock
        if kind is not Kind.STARTUP:
            await self._startup_over.wait()
        age = clock.now().timestamp() - started_at
        if age < probe.initial_delay_seconds:
            await clock.sleep(probe.initial_delay_seconds - age)
        while True:
            began = clock.monotonic()
            self._count(kind, probe, await attempt(probe, self._target, self._means.runtime, self._means.network))
            if self._over(kind):
                return
            await clock.sleep(max(0.0, probe.period_seconds - (clock.monotonic() - began)))

    def _count(self, kind: Kind, probe: Probe, made: Attempt) -> None:
        before = self.results
        self._counters[kind] = probes.count(self._counters[kind], probe, made.verdict)
        if made.verdict is not Verdict.SUCCESS:
            how = "failed" if made.verdict is Verdict.FAILURE else "errored"
            text = f"{kind.title} probe {how}: {made.message}"
            self._events.warning("Unhealthy", text, self._target.container.name)
        if kind is Kind.STARTUP and self._counters[kind].passing:
            self._startup_over.set()
        if self.results != before:
            self._changed()

    def _over(self, kind: Kind) -> bool:
        passing = self._counters[kind].passing
        return (kind is Kind.STARTUP and passing is not None) or (kind is Kind.LIVENESS and passing is False)
