"""Why a Deployment, ReplicaSet or DaemonSet is not further: its controller's gates, and what the pods in the way wait for.

In: the object, the picture (with the ledger's plans where this process has them). Out: `Found`s.
"""

from collections.abc import Iterator

from moorage.api import meta
from moorage.api.refs import Document, Resource
from moorage.api.scheme import DAEMONSETS, DEPLOYMENTS, PODS, REPLICASETS
from moorage.why import pod
from moorage.why.gate import Found, ref_of
from moorage.why.picture import Picture
from moorage.why.statefulset import joined, newest, refused, told_by


def of_replica_set(owner: Document, picture: Picture) -> list[Found]:
    """Return what holds a replica set back."""
    return _of_pods_owner(REPLICASETS, owner, picture)


def of_daemon_set(owner: Document, picture: Picture) -> list[Found]:
    """Return what holds a daemon set back."""
    return _of_pods_owner(DAEMONSETS, owner, picture)


def of_deployment(owner: Document, picture: Picture) -> list[Found]:
    """Return what holds a Deployment back: a gate about one of its replica sets is told by that set's own."""
    own = ref_of(DEPLOYMENTS, owner)
    plan = newest(owner, picture, "deployment-controller")
    sets = {ref_of(REPLICASETS, one): one for one in picture.controlled(REPLICASETS, owner)}
    found: list[Found] = [*_unobserved(DEPLOYMENTS, owner)] if plan is None else [*refused(plan, own, "deploy")]
    for gate in plan["gates"] if plan is not None else ():
        told = told_by(gate, own)
        culprit = sets.get(told.culprit)
        below = of_replica_set(culprit, picture) if culprit is not None else []
        found += [joined(told, one, own) for one in below] or [told]
    known = {ref for one in found for ref in (*one.path, one.culprit)}
    rest = (one for ref, one in sets.items() if ref not in known)
    return [*found, *(one.below(own) for other in rest for one in _pods(REPLICASETS, other, picture))]


def _of_pods_owner(resource: Resource, owner: Document, picture: Picture) -> list[Found]:
    """Return what its controller says, else that no controller has seen it; and what its pods wait for."""
    own = ref_of(resource, owner)
    plan = newest(owner, picture, f"{resource.singular}-controller")
    found = [told_by(gate, own) for gate in plan["gates"]] if plan is not None else [*_unobserved(resource, owner)]
    if plan is not None and not found:
        found = [*refused(plan, own, resource.short_names[0])]
    return [*found, *_pods(resource, owner, picture)]


def _pods(resource: Resource, owner: Document, picture: Picture) -> Iterator[Found]:
    """Pods that are not ready, seen from what owns them."""
    own = ref_of(resource, owner)
    for document in picture.controlled(PODS, owner):
        yield from (found.below(own) for found in pod.reasons(document, picture))


def _unobserved(resource: Resource, owner: Document) -> Iterator[Found]:
    """Without a ledger: no controller has seen the newest generation."""
    seen, newest_one = meta.observed_generation(owner), meta.generation(owner)
    if seen < newest_one:
        since = str(meta.metadata(owner).get("creationTimestamp") or "")
        yield Found("NotObserved", ref_of(resource, owner), f"generation {newest_one}, observed {seen}", since)
