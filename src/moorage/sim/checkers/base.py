"""What a checker sees and how it complains.

In: committed changes, answered requests, starts of containers, the end of a run. Out: `Violation`s. Each file beside this one
holds one law of reliability section B as a class `Check`; `panel` runs them all.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from moorage.api.refs import Document
from moorage.sim.machine import Process
from moorage.sim.recording import Exchange, StateChange
from moorage.sim.sets import Sets
from moorage.sim.shape import Shape
from moorage.sim.world import World


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that was broken.

    Args:
        law: e.g. `ID1`.
        instant: virtual seconds.
        revision: the newest then.
        text: what was seen.
    """

    law: str
    instant: float
    revision: int
    text: str


@dataclass(slots=True)
class Scene:
    """What all checkers share.

    Args:
        world: the run.
        shape: of its set.
        sets: the states of each set, revision by revision.
        settled: whether it became quiet after all faults had ended.
        broken: laws broken so far.
    """

    world: World
    shape: Shape
    sets: Sets
    settled: bool = True
    broken: set[str] | None = None

    def present(self, plural: str, name: str) -> Document | None:
        """Return an object as the store has it, `name` being `namespace/name` or `name`."""
        tail = f"/{plural}/{name if '/' in name else f'-/{name}'}"
        return next((one for key, one in self.world.store.documents.items() if key.endswith(tail)), None)

    def controller(self, change: StateChange, name: str) -> bool:
        """Return whether the controller `name` of any manager wrote a change."""
        return change.actor.endswith(f"/{name}")


class Checker:
    """One law: override what it looks at; yield a text for each breach."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def changed(self, change: StateChange) -> Iterable[str]:
        """Look at a committed change."""
        return ()

    def answered(self, exchange: Exchange) -> Iterable[str]:
        """Look at a request that was answered."""
        return ()

    def started(self, process: Process) -> Iterable[str]:
        """Look at a pod's containers that start."""
        return ()

    def ended(self) -> Iterable[str]:
        """Look back, once everything was healed and quiet (or never became so)."""
        return ()
