"""PD2: a refused eviction is a 429 (or another refusal) and changes no pod."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker
from moorage.sim.recording import Exchange


class Check(Checker):
    """Looks at every refused eviction."""

    def answered(self, exchange: Exchange) -> Iterable[str]:
        refused = exchange.request.path.endswith("/eviction") and exchange.code >= 400
        if refused and any(change.resource == "pods" for change in exchange.changes):
            yield f"{exchange.request.path} answers {exchange.code} and yet changes the pod"
