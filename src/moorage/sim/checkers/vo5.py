"""VO5: a claim that a pod uses, and a volume that a claim holds, cannot go."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.podreport import claims
from moorage.sim.recording import StateChange
from moorage.sim.sets import phase


class Check(Checker):
    """Looks at every claim that goes."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "persistentvolumeclaims" or change.after is not None or change.before is None:
            return
        volume = change.before["spec"].get("volumeName")
        for process in self.scene.world.fleet.running():
            if volume and volume in process.volumes and process.name.partition("/")[0] == meta.namespace(change.before):
                yield f"claim {change.name} goes while {process.name} runs on it"
        for pod in self.scene.world.present("pods"):
            bound = pod["spec"].get("nodeName") and phase(pod) not in ("Succeeded", "Failed")
            if bound and meta.name(change.before) in claims(pod):
                yield f"claim {change.name} goes while pod {meta.name(pod)} uses it"
