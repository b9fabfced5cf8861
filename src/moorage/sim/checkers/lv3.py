"""LV3: faults change nothing about the end: the same pods, images and claims as in a run without them."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.world import World

Outcome = dict[str, str]


class Check(Checker):
    """Compares with the outcome of the calm run, where there was one."""

    def ended(self) -> Iterable[str]:
        calm = self.scene.world.expected
        if calm is None:
            return
        found = outcome(self.scene.world)
        for name in sorted(calm.keys() | found.keys()):
            if calm.get(name) != found.get(name):
                yield f"{name} is {found.get(name, 'missing')}; without faults {calm.get(name, 'missing')}"


def outcome(world: World) -> Outcome:
    """Return what a run left: the image of each pod, and which claims there are; uids, times and addresses left out."""
    pods = {f"pod {meta.name(one)}": str(one["spec"]["containers"][0]["image"]) for one in world.present("pods")}
    return pods | {f"claim {meta.name(one)}": "there" for one in world.present("persistentvolumeclaims")}
