"""Status to the digit.

In: `Situation`. Out: the status write, if one is due. Source: updateDaemonSetStatus (1.32): of each node the pod that counts
first is looked at.
"""

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.scheme import DAEMONSETS
from moorage.controllers.daemonset.situation import Situation, berth
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Update

_ALWAYS_WRITTEN = frozenset(("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"))
_KEPT = ("collisionCount", "conditions")


def write(situation: Situation) -> Update | None:
    """Return the write, None where the status says so already."""
    wanted = [node for node, verdict in situation.verdicts.items() if verdict.runs]
    first = [situation.pods[node][0] for node in wanted if node in situation.pods]
    ready = [pod for pod in first if berth(pod).ready]
    available = sum(situation.available(pod) for pod in ready)
    strangers = [node for node in situation.pods if node in situation.verdicts and node not in set(wanted)]
    stored: Document = situation.owner.document.get("status") or {}
    counts = {
        "currentNumberScheduled": len(first),
        "numberMisscheduled": len(strangers),
        "desiredNumberScheduled": len(wanted),
        "numberReady": len(ready),
        "observedGeneration": meta.generation(situation.owner.document),
        "updatedNumberScheduled": sum(situation.updated(pod) for pod in first),
        "numberAvailable": available,
        "numberUnavailable": len(wanted) - available,
    }
    said: Document = {key: value for key, value in counts.items() if value or key in _ALWAYS_WRITTEN}
    said.update((key, stored[key]) for key in _KEPT if key in stored)
    return None if said == stored else _update(situation.owner, said)


def collided(owner: Cached[object]) -> Update:
    """Return the write that counts one more collision of revision names: the next name is another one."""
    stored: Document = owner.document.get("status") or {}
    return _update(owner, {**stored, "collisionCount": (stored.get("collisionCount") or 0) + 1})


def _update(owner: Cached[object], status: Document) -> Update:
    return Update(DAEMONSETS, {**owner.document, "status": status}, subresource="status")
