"""LV2: once everything is as it should be, controllers write nothing (leases and events excepted)."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker


class Check(Checker):
    """Asks whether the run became quiet."""

    def ended(self) -> Iterable[str]:
        if not self.scene.settled:
            last = [f"{one.actor} {one.name}" for one in self.scene.world.changes[-3:]]
            yield f"controllers still write after all faults ended: {', '.join(last)}"
