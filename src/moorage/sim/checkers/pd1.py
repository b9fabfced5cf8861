"""PD1: an eviction that a budget covers is granted only out of that budget, by the same request, one unit a pod."""

from collections.abc import Iterable

from moorage.api import labels, meta
from moorage.api.refs import Document
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import Exchange, StateChange
from moorage.sim.sets import is_healthy


class Check(Checker):
    """Looks at every granted eviction."""

    def answered(self, exchange: Exchange) -> Iterable[str]:
        if not exchange.request.path.endswith("/eviction") or exchange.code != 201:
            return
        for change in exchange.changes:
            if change.resource == "pods" and change.before is not None and is_healthy(change.before):
                yield from self._granted(exchange, change.before)

    def _granted(self, exchange: Exchange, pod: Document) -> Iterable[str]:
        for budget in self.scene.world.present("poddisruptionbudgets"):
            selector = labels.from_document(budget["spec"].get("selector") or {})
            if meta.namespace(budget) != meta.namespace(pod) or not selector.matches(meta.labels(pod)):
                continue
            if not any(_took_one(change, meta.uid(budget)) for change in exchange.changes):
                yield f"{meta.name(pod)} is evicted without a unit of budget {meta.name(budget)}"


def _took_one(change: StateChange, uid: str) -> bool:
    if change.before is None or change.after is None or meta.uid(change.after) != uid:
        return False
    left = [int((side.get("status") or {}).get("disruptionsAllowed") or 0) for side in (change.before, change.after)]
    return left[0] - left[1] == 1
