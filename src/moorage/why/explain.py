"""An explanation: the gates of one object, what state that makes it, and until when it may go on.

In: the subject, the picture. Out: an `Explanation` document (`moorage.dev/v1`). The one entrance of this room.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import (
    DAEMONSETS,
    DEPLOYMENTS,
    PERSISTENTVOLUMECLAIMS,
    PODDISRUPTIONBUDGETS,
    PODS,
    REPLICASETS,
    RESOURCEQUOTAS,
    SERVICES,
    STATEFULSETS,
)
from moorage.api.times import parse_time
from moorage.why import budget, claim, pod, quota, replicas, service, stalls, statefulset
from moorage.why.gate import Found, ref_of
from moorage.why.picture import Picture

EXPLANATIONS = Resource(
    "moorage.dev",
    "v1",
    "explanations",
    "Explanation",
    definition="dev.moorage.v1.Explanation",
    short_names=("why",),
    verbs=("get", "list"),
)
"""The kind this room makes: asked, never stored. Named `<kind>.<name>`: `statefulset.web`."""

EXPLAINED: Mapping[Resource, Callable[[Document, Picture], Sequence[Found]]] = {
    STATEFULSETS: statefulset.reasons,
    DEPLOYMENTS: replicas.of_deployment,
    REPLICASETS: replicas.of_replica_set,
    DAEMONSETS: replicas.of_daemon_set,
    PODS: pod.reasons,
    PERSISTENTVOLUMECLAIMS: claim.reasons,
    SERVICES: service.reasons,
    PODDISRUPTIONBUDGETS: budget.reasons,
    RESOURCEQUOTAS: quota.reasons,
}
"""The kinds that can be explained, in the order they are listed."""


def name_of(resource: Resource, name: str) -> str:
    """Return the name of an object's explanation."""
    return f"{resource.singular}.{name}"


def subject_of(name: str) -> tuple[Resource, str] | None:
    """Return what an explanation's name is about: `statefulset.web`, `statefulsets.web` and `sts.web` are the same."""
    kind, _, rest = name.partition(".")
    for resource in EXPLAINED:
        if rest and kind in (resource.singular, resource.plural, *resource.short_names):
            return resource, rest
    return None


def explain(resource: Resource, subject: Document, picture: Picture) -> Document:
    """Return why an object is not further.

    Args:
        resource: a key of `EXPLAINED`.
        subject: the object.
        picture: what there is besides.
    """
    deadline = stalls.deadline_of(subject, resource, picture)
    found = sorted(EXPLAINED[resource](subject, picture), key=lambda one: _order(one, deadline, picture.now))
    state = stalls.state_of([_closed(one) for one in found], deadline, picture.now)
    metadata = {
        "name": name_of(resource, meta.name(subject)),
        "namespace": meta.namespace(subject),
        "labels": dict(meta.labels(subject)),
        "creationTimestamp": meta.metadata(subject).get("creationTimestamp"),
    }
    about = {"apiVersion": resource.api_version, **ref_of(resource, subject).document(), "uid": meta.uid(subject)}
    made = {
        "kind": EXPLANATIONS.kind,
        "apiVersion": EXPLANATIONS.api_version,
        "metadata": {key: value for key, value in metadata.items() if value},
        "subject": about,
        "state": state.name,
        "since": state.since,
        "deadline": state.deadline,
        "gates": [one.document() for one in found],
        "conditions": stalls.conditions(state, _message(found)),
    }
    return {key: value for key, value in made.items() if value or key == "gates"}


def plans(resource: Resource, subject: Document, picture: Picture) -> list[Document]:
    """Return what the ledger remembers of an object, oldest first."""
    return list(picture.plans(resource.kind, ObjectKey(meta.namespace(subject), meta.name(subject))))


def _closed(found: Found) -> stalls.Closed:
    return stalls.Closed(found.gate, found.row.opener, None if found.mild else moment(found.since))


def _order(found: Found, deadline: float, now: datetime.datetime) -> tuple[int, int]:
    closed = _closed(found)
    return (not stalls.is_stalled(closed, deadline, now), stalls.RANK[closed.opener])


def _message(found: Sequence[Found]) -> str:
    if not found:
        return "nothing is held back"
    first = found[0]
    return f"{first.culprit}: {first.evidence}" + (f" (and {len(found) - 1} more)" if len(found) > 1 else "")


def moment(text: str) -> datetime.datetime | None:
    """Return the time of RFC 3339 text, None for ""."""
    return parse_time(text) if text else None
