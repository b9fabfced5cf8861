"""ST2: a write is answered only once it is in the store: the version in the answer is one that was committed."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import Exchange


class Check(Checker):
    """Looks at every answer to a write."""

    def answered(self, exchange: Exchange) -> Iterable[str]:
        document = exchange.answer
        if exchange.request.method == "GET" or exchange.code >= 300 or not isinstance(document, dict):
            return
        version = int(meta.resource_version(document) or 0)
        if version > self.scene.world.store.revision:
            yield f"{exchange.request.method} {exchange.request.path} is answered with version {version}, which is not stored"
