"""LV5: nothing dies silently: no task of any part ends with an error, no exception is lost, the API server stays healthy."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker


class Check(Checker):
    """Asks every part how it is."""

    def ended(self) -> Iterable[str]:
        world = self.scene.world
        yield from world.deaths
        yield from (str(problem.get("exception") or problem.get("message")) for problem in world.loop.problems)
        if world.server is None or world.server.failure is not None:
            yield f"the API server died: {world.server.failure if world.server else 'gone'}"
