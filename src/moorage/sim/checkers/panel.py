"""All checkers at work on one run.

In: a `World`, its shape. Out: violations, each law at most a few times.
"""

from collections.abc import Iterable

from moorage.sim.checkers import (
    id1,
    id2,
    id3,
    id4,
    id5,
    id6,
    id7,
    id8,
    id9,
    lv1,
    lv2,
    lv3,
    lv4,
    lv5,
    lv6,
    nd1,
    nd2,
    or1,
    or2,
    or3,
    or4,
    or5,
    or6,
    or7,
    or8,
    or9,
    or10,
    or11,
    pd1,
    pd2,
    st2,
    vo1,
    vo2,
    vo3,
    vo4,
    vo5,
    vo6,
    vo7,
    vo8,
)  # fmt: skip
from moorage.sim.checkers.base import Checker, Scene, Violation
from moorage.sim.machine import Process
from moorage.sim.recording import Exchange, StateChange
from moorage.sim.sets import Sets
from moorage.sim.shape import Shape
from moorage.sim.world import World

LAWS: dict[str, type[Checker]] = {
    module.__name__.rpartition(".")[2].upper(): module.Check
    for module in (
        id1, id2, id3, id4, id5, id6, id7, id8, vo1, vo2, vo3, vo4, vo5, vo6, vo7, vo8,
        or1, or2, or3, or4, or5, or6, or7, or8, or10, or11, pd1, pd2, nd1, nd2, st2,
        lv1, lv2, lv3, lv4, lv5, lv6, id9, or9,
    )
}  # fmt: skip
"""Every law by name; the last two speak of the others and come last."""
_MOST_PER_LAW = 3


class Panel:
    """The checkers of one run.

    Args:
        world: which run; the panel listens to it from now on.
        shape: of its set.
    """

    def __init__(self, world: World, shape: Shape) -> None:
        self._world = world
        self._broken: set[str] = set()
        self.scene = Scene(world, shape, Sets(), broken=self._broken)
        self._checkers = {law: check(self.scene) for law, check in LAWS.items()}
        self._at_changes = [(law, self._checkers[law].changed) for law in _looking_at("changed")]
        self._at_answers = [(law, self._checkers[law].answered) for law in _looking_at("answered")]
        self._at_starts = [(law, self._checkers[law].started) for law in _looking_at("started")]
        self.violations: list[Violation] = []
        world.store.listeners.append(self._changed)
        world.network.listeners.append(self._answered)
        world.fleet.listeners.append(self._started)

    def end(self, *, settled: bool) -> list[Violation]:
        """Look back on the whole run; return all violations."""
        self.scene.settled = settled
        for law, checker in self._checkers.items():
            self._note(law, checker.ended())
        return self.violations

    def _changed(self, change: StateChange) -> None:
        self.scene.sets.take(change)
        for law, look in self._at_changes:
            self._note(law, look(change))

    def _answered(self, exchange: Exchange) -> None:
        for law, look in self._at_answers:
            self._note(law, look(exchange))

    def _started(self, process: Process) -> None:
        for law, look in self._at_starts:
            self._note(law, look(process))

    def _note(self, law: str, texts: Iterable[str]) -> None:
        for text in texts:
            self._broken.add(law)
            if sum(one.law == law for one in self.violations) < _MOST_PER_LAW:
                world = self._world
                self.violations.append(Violation(law, world.clock.monotonic(), world.store.revision, text))


def _looking_at(what: str) -> list[str]:
    """Return the laws whose checkers have something to do there."""
    return [law for law, check in LAWS.items() if getattr(check, what) is not getattr(Checker, what)]
