"""Gives one pod its node for good: volumes first, then the binding.

In: a placement. Out: writes through the API; an error where it came to nothing. Next: `loop`, which runs many at once.
"""

import asyncio
from dataclasses import dataclass, field

from moorage.api.refs import ObjectKey
from moorage.base.errors import MoorageError
from moorage.reconcile import apply
from moorage.reconcile.freshness import Seen, Written
from moorage.reconcile.loop import Surroundings
from moorage.reconcile.plan import Plan
from moorage.reconcile.recorder import EventRecorder
from moorage.scheduler import binding
from moorage.scheduler.podfacts import PodFacts
from moorage.scheduler.snapshot import NodeState
from moorage.scheduler.volumes import VolumePlan

BIND_SECONDS = 600.0
"""How long a pod waits for its volumes before another place is looked for, seconds (upstream's bindTimeoutSeconds)."""


class BindingFailed(MoorageError):
    """The pod cannot have this node after all; the text is upstream's."""


@dataclass(slots=True, eq=False)
class _Work:
    """One binding under way. `given_up` says why it must stop, once it must."""

    key: ObjectKey
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    given_up: str = ""


class Binder:
    """Binds pods, any number at once.

    Args:
        around: API, caches, clock and tasks of the process.
        recorder: takes the events.
    """

    def __init__(self, around: Surroundings, recorder: EventRecorder) -> None:
        self._around = around
        self._recorder = recorder
        self._under_way: dict[_Work, None] = {}
        """In order, so that a simulated run wakes them in the same one each time."""

    def volumes_changed(self) -> None:
        """Look at the waiting bindings again."""
        for work in self._under_way:
            work.changed.set()

    def abandon(self, key: ObjectKey) -> None:
        """Stop waiting for the volumes of a pod that is gone."""
        for work in self._under_way:
            if work.key == key:
                self._give_up(work, "the pod is gone")

    async def bind(self, pod: PodFacts, node: NodeState, volumes: VolumePlan) -> None:
        """Return once the pod is bound. Raises: BindingFailed, ApiError, Unavailable."""
        if volumes.wait:
            await self._have_volumes(pod.key, node, volumes)
        await self._around.api.bind(pod.key, pod.uid, node.name)

    async def _have_volumes(self, key: ObjectKey, node: NodeState, volumes: VolumePlan) -> None:
        work = _Work(key)
        self._under_way[work] = None
        timer = self._around.tasks.start(f"volumes of {key}", self._expire(work))
        try:
            steps = tuple(binding.patches(volumes, node.name, self._around.caches))
            outcome = await apply.run(Plan(steps), self._around.api, self._recorder)
            if outcome.error:
                raise outcome.error
            await self._wait(work, node, volumes, outcome.written)
        finally:
            timer.cancel()
            self._under_way.pop(work, None)

    async def _wait(self, work: _Work, node: NodeState, volumes: VolumePlan, written: list[Written]) -> None:
        while True:
            work.changed.clear()
            if work.given_up:
                raise BindingFailed(f'running PreBind plugin "VolumeBinding": binding volumes: {work.given_up}')
            if all(map(self._is_seen, written)):
                state = binding.progress(volumes, node, self._around.caches)
                if state is True:
                    return
                if isinstance(state, str):
                    raise BindingFailed(f'running PreBind plugin "VolumeBinding": binding volumes: {state}')
            await work.changed.wait()

    def _is_seen(self, write: Written) -> bool:
        return not isinstance(write, Seen) or self._around.caches.of(write.resource).revision >= write.revision

    async def _expire(self, work: _Work) -> None:
        await self._around.clock.sleep(BIND_SECONDS)
        self._give_up(work, "context deadline exceeded")

    def _give_up(self, work: _Work, reason: str) -> None:
        work.given_up = reason
        work.changed.set()
