"""LV4: what was deleted goes, once its finalizers and its node let it."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker


class Check(Checker):
    """Looks at what is left in the end."""

    def ended(self) -> Iterable[str]:
        for key, document in self.scene.world.store.documents.items():
            node = (document.get("spec") or {}).get("nodeName")
            if meta.is_deleting(document) and not meta.finalizers(document) and node not in self.scene.world.lost:
                yield f"{key} was deleted and is still there"
