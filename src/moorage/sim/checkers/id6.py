"""ID6: name, hostname, subdomain, berth labels and claim names follow from set, ordinal and template, and never change."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.api.refs import Document
from moorage.sim.checkers.base import Checker
from moorage.sim.podreport import claims
from moorage.sim.recording import StateChange
from moorage.sim.sets import owner_of

_LABELS = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index")


class Check(Checker):
    """Looks at every write of a set's pod."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "pods" or change.after is None or not owner_of(change):
            return
        if change.before is not None and _identity(change.before) != _identity(change.after):
            yield f"{change.name} changed its identity"
        name = meta.name(change.after)
        owner, _, ordinal = name.rpartition("-")
        labels = meta.labels(change.after)
        wanted = (name, ordinal, name)
        found = (*(labels.get(label) for label in _LABELS), change.after["spec"].get("hostname"))
        if found != wanted:
            yield f"{change.name} has labels and hostname {found}"
        strange = [claim for claim in claims(change.after) if not claim.endswith(f"-{owner}-{ordinal}")]
        if strange:
            yield f"{change.name} mounts {strange[0]}"


def _identity(pod: Document) -> tuple[object, ...]:
    labels = meta.labels(pod)
    spec = pod["spec"]
    return (spec.get("hostname"), spec.get("subdomain"), *map(labels.get, _LABELS), claims(pod))
