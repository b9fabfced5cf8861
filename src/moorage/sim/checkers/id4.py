"""ID4: every update and delete of a controller names the uid (and version) it was decided on."""

from collections.abc import Iterable, Mapping
from typing import Any

from moorage.sim.checkers.base import Checker
from moorage.sim.recording import Exchange

_FREE = ("events", "leases")
"""Nobody decides on these."""


class Check(Checker):
    """Looks at every write of a manager."""

    def answered(self, exchange: Exchange) -> Iterable[str]:
        request = exchange.request
        body = request.body
        path = request.path.split("/")
        if not exchange.actor.startswith("manager-") or not isinstance(body, dict) or set(path) & set(_FREE):
            return
        guarded = {"PUT": _metadata(body, "resourceVersion"), "PATCH": _metadata(body, "uid")}
        guarded["DELETE"] = bool((body.get("preconditions") or {}).get("uid")) or _is_collection(path)
        if not guarded.get(request.method, True):
            yield f"{exchange.actor} sends {request.method} {request.path} without a precondition"


def _metadata(body: Mapping[str, Any], field: str) -> bool:
    return bool((body.get("metadata") or {}).get(field))


def _is_collection(path: list[str]) -> bool:
    """Return whether a path names no object: `deletecollection` has no uid to name."""
    return len(path) - path.index("namespaces") == 3 if "namespaces" in path else False
