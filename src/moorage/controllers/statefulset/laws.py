"""Laws: what no plan for a set may ever do, each a predicate on (snapshot, plan).

In: a snapshot, the plan made from it, the instant. Out: sentences, none if the plan keeps every law.
Source: facts/reliability.md section B. Written from the documents, without the code that decides, so that the two
can disagree. Property tests, simulation and debug mode read them.
"""

import datetime
from collections.abc import Iterator
from typing import Any

from moorage.api import meta, owners
from moorage.api.refs import ObjectKey
from moorage.api.scheme import CONTROLLERREVISIONS, PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.api.views.berth import POD_INDEX_LABEL, POD_NAME_LABEL, REVISION_LABEL
from moorage.controllers.statefulset import ownlaws
from moorage.controllers.statefulset.lawcase import Case, Law
from moorage.controllers.statefulset.rollout import max_unavailable
from moorage.controllers.statefulset.snapshot import Snapshot
from moorage.reconcile.actions import Confirm, Create, Delete, Patch, Update
from moorage.reconcile.plan import Plan


def check(snapshot: Snapshot, plan: Plan, now: datetime.datetime) -> tuple[str, ...]:
    """Return the laws a plan breaks, each as `ID3: what it does`."""
    case = Case(snapshot, plan, now)
    return tuple(f"{name}: {broken}" for name, law in LAWS.items() for broken in law(case))


def absent_before_create(case: Case) -> Iterator[str]:
    """ID3: a pod is created only under a name nobody holds."""
    freed = {one.key.name for one in case.of(Delete)}
    held = {cached.key.name for cached in case.snapshot.pods} - freed
    made = [meta.name(one) for _, one in case.created]
    yield from (f"creates {name}, which exists" for name in made if name in held)
    yield from (f"creates {name} twice" for name in {name for name in made if made.count(name) > 1})


def precondition_on_every_write(case: Case) -> Iterator[str]:
    """ID4: every update and delete names the uid that was seen."""
    known: dict[ObjectKey, set[str]] = {}
    for cached in (*case.snapshot.pods, *case.snapshot.strays, *case.snapshot.claims, *case.snapshot.revisions):
        known.setdefault(cached.key, set()).add(meta.uid(cached.document))
    known[case.snapshot.spec.key] = {case.snapshot.spec.uid, *known.get(case.snapshot.spec.key, ())}
    guards: list[Delete | Patch] = [*case.of(Delete), *case.of(Patch)]
    for guarded in guards:
        if guarded.uid not in known.get(guarded.key, set()) or not guarded.uid:
            yield f"writes {guarded.resource.kind} {guarded.key} without its uid"
    for put in (*case.of(Update), *((case.plan.status,) if case.plan.status else ())):
        if not meta.uid(put.document) or not meta.resource_version(put.document):
            yield f"updates {put.resource.kind} without uid and resourceVersion"


def stable_identity(case: Case) -> Iterator[str]:
    """ID6: name, labels, host name, subdomain and claims follow from the set and the ordinal."""
    spec = case.snapshot.spec
    for ordinal, pod in case.created:
        name = f"{spec.name}-{ordinal}"
        labels, body = meta.labels(pod), pod["spec"]
        claims = {one["name"]: one["persistentVolumeClaim"]["claimName"] for one in _claim_volumes(body)}
        wanted = {meta.name(one): f"{meta.name(one)}-{name}" for one in spec.claim_templates}
        good = meta.name(pod) == body.get("hostname") == labels.get(POD_NAME_LABEL) == name
        good = good and labels.get(POD_INDEX_LABEL) == str(ordinal) and wanted.items() <= claims.items()
        if not good or body.get("subdomain", "") != spec.service_name:
            yield f"creates {meta.name(pod)} with another identity"


def ownership(case: Case) -> Iterator[str]:
    """ID8: only own pods are touched; adoption comes after a live look at the set."""
    mine = case.snapshot.spec.uid
    for one in case.of(Delete):
        if one.resource == PODS and one.key.name not in case.pods:
            yield f"deletes {one.key.name}, which it does not control"
    actions = case.actions
    for index, action in enumerate(actions):
        if isinstance(action, Patch) and _adopts(action, mine):
            if not any(isinstance(before, Confirm) and before.uid == mine for before in actions[:index]):
                yield f"adopts {action.key} without looking at the set"
            if case.snapshot.spec.deleting:
                yield f"adopts {action.key} although the set is being deleted"


def claims_are_kept(case: Case) -> Iterator[str]:
    """VO4: the controller itself never deletes a claim."""
    yield from (f"deletes claim {one.key}" for one in case.of(Delete) if one.resource == PERSISTENTVOLUMECLAIMS)


def no_stale_claim(case: Case) -> Iterator[str]:
    """VO8: no pod is created over a claim that is going, or that an earlier pod still owns."""
    claims = {one.key.name: one.document for one in case.snapshot.claims}
    for _, pod in case.created:
        for volume in _claim_volumes(pod["spec"]):
            claim = claims.get(volume["persistentVolumeClaim"]["claimName"])
            if claim is None:
                continue
            owned = any(
                one["kind"] == "Pod" and one["name"] == meta.name(pod) for one in owners.owner_references(claim)
            )
            if meta.is_deleting(claim) or (owned and case.snapshot.spec.when_scaled == "Delete"):
                yield f"creates {meta.name(pod)} over claim {meta.name(claim)}, which is going"


def create_in_order(case: Case) -> Iterator[str]:
    """OR1, OR2: an ordered set creates one pod, and only over available predecessors."""
    if not case.snapshot.spec.ordered:
        return
    if len(case.created) > 1:
        yield f"creates {len(case.created)} pods at once"
    present = case.in_range
    for ordinal, pod in case.created:
        for below in case.snapshot.spec.ordinals:
            if below < ordinal and (below not in present or not present[below].usable):
                yield f"creates {meta.name(pod)} before {below} is available"


def scale_down_in_order(case: Case) -> Iterator[str]:
    """OR3: an ordered set removes the highest condemned pod, if all that stay are available (BE6 is for one that goes)."""
    gone = [one for one in case.deleted if one.ordinal not in case.snapshot.spec.ordinals]
    if not case.snapshot.spec.ordered or not gone or case.snapshot.spec.strategy == "Recreate" or case.takes_down:
        return
    present, wanted = case.in_range, case.snapshot.spec.ordinals
    if len(gone) > 1:
        yield f"removes {len(gone)} pods at once"
    if any(one not in present or not present[one].usable for one in wanted):
        yield "removes a pod while one that stays is not available"
    if any(one.ordinal > gone[0].ordinal for one in case.condemned):
        yield "removes a pod below another condemned one"
    broken = [one.ordinal for one in case.condemned if not one.usable]
    if not gone[0].usable and gone[0].ordinal != min(broken):
        yield "removes a broken pod above another broken one"


def update_in_order(case: Case) -> Iterator[str]:
    """OR4: only outdated pods, in order, never more away than maxUnavailable (broken ones of Parallel aside).

    The order is highest first, unless the set asks for another one.
    """
    spec = case.snapshot.spec
    if spec.strategy != "RollingUpdate":
        return
    doomed, present = case.replaced, case.in_range
    yield from (f"replaces {one.ordinal}, which is up to date" for one in doomed if one.revision == case.update)
    going = {one.ordinal for one in doomed}
    healthy = [one for one in doomed if one.usable]
    for one in healthy if spec.ordered else ():
        earlier = [
            other for other in present.values() if ownlaws.precedes(case, other, one) and other.ordinal not in going
        ]
        earlier = [other for other in earlier if not case.canaries or other.ordinal in case.canaries]
        if any(other.revision != case.update for other in earlier):
            yield f"replaces {one.ordinal} before its turn"
    away = sum(1 for one in spec.ordinals if one not in present or not present[one].usable)
    limit = max_unavailable(spec.rolling.max_unavailable if spec.rolling else None, spec.replicas)
    if healthy and away + len(healthy) > limit:
        yield f"takes {len(healthy)} pods away while {away} are, of {limit} allowed"


def partition_floor(case: Case) -> Iterator[str]:
    """OR5: below the partition nothing is updated, and what is missing comes back at the current revision."""
    spec = case.snapshot.spec
    if spec.strategy != "RollingUpdate" or spec.rolling is None:
        return
    floor = spec.start + spec.rolling.partition
    if not case.canaries:
        yield from (f"replaces {one.ordinal} below the partition" for one in case.replaced if one.ordinal < floor)
    for ordinal, pod in case.created if not case.canaries else ():
        wanted = case.current if ordinal < floor else case.update
        if not case.paused and meta.labels(pod).get(REVISION_LABEL) != wanted:
            yield f"creates {ordinal} at another revision than {wanted}"


def scale_before_update(case: Case) -> Iterator[str]:
    """OR6: an ordered set updates only when no pod is missing and none is condemned."""
    spec = case.snapshot.spec
    replaced = [one for one in case.replaced if one.available or not case.mends]
    if spec.ordered and spec.strategy == "RollingUpdate" and replaced:
        if case.condemned:
            yield "updates while a pod is condemned"
        if len(case.in_range) < spec.replicas:
            yield "updates while a pod is missing"


def on_delete_is_passive(case: Case) -> Iterator[str]:
    """OR7: OnDelete never deletes a pod for its revision."""
    if case.snapshot.spec.strategy == "OnDelete":
        yield from (f"replaces {one.ordinal}" for one in case.replaced)


def deleting_is_quiet(case: Case) -> Iterator[str]:
    """OR8: a set that is being deleted neither creates nor deletes pods and claims, unless told to take them along."""
    if case.snapshot.spec.deleting:
        removed = () if case.takes_down else case.of(Delete)
        touched = [one.resource for one in (*case.of(Create), *removed)]
        yield from (f"writes a {resource.kind}" for resource in touched if resource != CONTROLLERREVISIONS)


def revisions_are_kept(case: Case) -> Iterator[str]:
    """OR10: numbers only rise, live revisions stay, the current one moves only when every pod matches."""
    numbers = [one.document["revision"] for one in case.snapshot.revisions]
    writes: list[Create | Update] = [*case.of(Create), *case.of(Update)]
    for write in writes:
        if write.resource == CONTROLLERREVISIONS and write.document["revision"] <= max(numbers, default=0):
            yield f"writes revision {write.document['revision']} after {max(numbers)}"
    live = {case.current, case.update, *(one.revision for one in case.pods.values())}
    yield from (f"deletes live revision {one.key.name}" for one in case.of(Delete) if one.key.name in live)
    status = case.plan.status.document["status"] if case.plan.status else {}
    stored = case.snapshot.spec.status.get("currentRevision", "")
    if case.snapshot.spec.deleting or status.get("currentRevision", "") == stored:
        return
    if status and status["currentRevision"] not in (case.current, case.update):
        yield "moves currentRevision somewhere else"
    if (
        status
        and status["currentRevision"] != case.current
        and any(one.revision != case.update for one in case.in_range.values())
    ):
        yield "moves currentRevision before every pod matches"


def status_is_true(case: Case) -> Iterator[str]:
    """OR11: the counts are those of the snapshot, and the observed generation never falls."""
    if case.plan.status is None:
        return
    status, spec = case.plan.status.document["status"], case.snapshot.spec
    placed = [*case.in_range.values(), *case.condemned]
    counts = {
        "replicas": len(placed),
        "availableReplicas": sum(one.available for one in placed),
    }
    if not spec.deleting:
        counts["updatedReplicas"] = sum(not one.deleting and one.revision == case.update for one in placed)
    yield from (f"{name} is {status.get(name, 0)}, not {n}" for name, n in counts.items() if status.get(name, 0) != n)
    if status.get("observedGeneration", 0) < spec.status.get("observedGeneration", 0) <= spec.generation:
        yield "observedGeneration falls"


def _claim_volumes(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [volume for volume in body.get("volumes") or () if "persistentVolumeClaim" in volume]


def _adopts(action: Patch, uid: str) -> bool:
    references = meta.metadata(action.body).get("ownerReferences") or ()
    if action.resource not in (PODS, CONTROLLERREVISIONS):
        return False
    return any(one.get("uid") == uid and one.get("kind") == STATEFULSETS.kind for one in references)


LAWS: dict[str, Law] = {
    "ID3": absent_before_create,
    "ID4": precondition_on_every_write,
    "ID6": stable_identity,
    "ID8": ownership,
    "VO4": claims_are_kept,
    "VO8": no_stale_claim,
    "OR1": create_in_order,
    "OR3": scale_down_in_order,
    "OR4": update_in_order,
    "OR5": partition_floor,
    "OR6": scale_before_update,
    "OR7": on_delete_is_passive,
    "OR8": deleting_is_quiet,
    "OR10": revisions_are_kept,
    "OR11": status_is_true,
    **ownlaws.LAWS,
}
