"""Laws of what a set asks for beyond Kubernetes by its annotations: each a predicate on (snapshot, plan).

In: `Case`. Out: sentences, none if the plan keeps the law. Written from docs/statefulset.md; `laws` reads `LAWS`.
"""

from collections.abc import Iterator, Mapping

from moorage.api import meta, quantity, revisiondata
from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.api.views.berth import REVISION_LABEL
from moorage.controllers.statefulset.lawcase import Case, Law, Pod
from moorage.reconcile.actions import Delete, Patch


def reverts_once(case: Case) -> Iterator[str]:
    """BE1: a set goes back only to its current revision, only where it asks for it, never twice from the same one."""
    given = meta.annotations(case.snapshot.spec.document)
    for one in case.of(Patch):
        if one.resource != STATEFULSETS or "template" not in (one.body.get("spec") or {}):
            continue
        template = revisiondata.template_of(one.body)
        back = [
            old.key.name
            for old in case.snapshot.revisions
            if revisiondata.template_of(old.document["data"]) == template
        ]
        if case.current not in back or case.current == case.update:
            yield "goes to another revision than the current one"
        if "moorage.dev/auto-revert-after" not in given:
            yield "goes back unasked"
        if case.update in given.get("moorage.dev/reverted", "").split(","):
            yield "goes back twice from the same revision"


def paused_is_still(case: Case) -> Iterator[str]:
    """BE2: a paused set replaces no pod for its revision, and takes none to another one."""
    if case.paused:
        had = meta.annotations(case.snapshot.spec.document).get("moorage.dev/ahead", "").split(",")
        for ordinal, pod in case.created:
            revision = meta.labels(pod).get(REVISION_LABEL)
            if revision != case.current and f"{ordinal}={revision}" not in had:
                yield f"creates {ordinal} at {revision} while paused"
        yield from (f"replaces {one.ordinal} while paused" for one in case.replaced)


def canaries_only(case: Case) -> Iterator[str]:
    """BE4: while there are canaries nobody else is updated, and they alone come back at the new revision."""
    if not case.canaries or case.paused:
        return
    yield from (f"replaces {one.ordinal}, no canary" for one in case.replaced if one.ordinal not in case.canaries)
    had = meta.annotations(case.snapshot.spec.document).get("moorage.dev/ahead", "").split(",")
    for ordinal, pod in case.created:
        revision = meta.labels(pod).get(REVISION_LABEL)
        wanted = case.update if ordinal in case.canaries else case.current
        if revision != wanted and (ordinal in case.canaries or f"{ordinal}={revision}" not in had):
            yield f"creates {ordinal} at {revision} beside canaries"


def unused_ordinals(case: Case) -> Iterator[str]:
    """BE5: no pod is made at a reserved ordinal, and none at all while the set sleeps; a sleeper's claims keep no pod."""
    given = meta.annotations(case.snapshot.spec.document)
    asleep = given.get("moorage.dev/hibernate") == "true"
    reserved = given.get("moorage.dev/reserved-ordinals", "").split(",")
    for ordinal, pod in case.created:
        if asleep or str(ordinal) in reserved:
            yield f"creates {meta.name(pod)}, which is reserved or asleep"
    for one in case.of(Patch):
        owned = [ref["kind"] for ref in meta.metadata(one.body).get("ownerReferences") or () if "kind" in ref]
        if asleep and one.resource == PERSISTENTVOLUMECLAIMS and "Pod" in owned:
            yield f"gives {one.key} to a pod that goes to sleep"


def hooks_come_first(case: Case) -> Iterator[str]:
    """BE7: where the set has a pre-removal hook, a pod goes for good only after its answer to its own request."""
    given = meta.annotations(case.snapshot.spec.document)
    if not given.get("moorage.dev/pre-removal-hook") or case.snapshot.spec.deleting:
        return
    for one in case.deleted:
        if one.ordinal in case.snapshot.spec.awake:
            continue
        asked = meta.annotations(one.document).get("moorage.dev/prepare-removal", "")
        listed = (one.document.get("status") or {}).get("conditions") or ()
        answers = [row for row in listed if row["type"] == "moorage.dev/RemovalPrepared" and row["status"] == "True"]
        if not asked or not any(f'"id":"{row["message"].split(":")[0][8:]}"' in asked for row in answers):
            yield f"removes {one.ordinal} before its hook has succeeded"


def goes_in_order(case: Case) -> Iterator[str]:
    """BE6: a set that takes its pods along deletes the highest one, as it was seen, once no other one is going.

    It leaves only without pods, and not at all while their orphaning is under way.
    """
    if not case.takes_down:
        return
    left = {one.ordinal: one for one in (*case.in_range.values(), *case.condemned)}
    gone = [one for one in case.of(Delete) if one.resource == PODS]
    if gone and "orphan" in meta.finalizers(case.snapshot.spec.document):
        yield "deletes a pod that is to be orphaned"
    if len(gone) > 1 or (gone and any(one.deleting for one in left.values())):
        yield "deletes a pod while another one is going"
    for one in gone:
        if one.key.name != meta.name(left[max(left)].document) or not one.resource_version:
            yield f"deletes {one.key.name} before its turn"
    if left and any(one.resource == STATEFULSETS for one in case.of(Patch)):
        yield "lets the set go before its pods"


def groups_follow_each_other(case: Case) -> Iterator[str]:
    """BE3: where an order has groups, no healthy pod of one goes while a pod of another one is away."""
    how, _, key = meta.annotations(case.snapshot.spec.document).get("moorage.dev/update-order", "").partition(":")
    healthy = [one for one in case.replaced if one.usable]
    if how not in ("zone", "label") or not healthy or case.snapshot.spec.strategy != "RollingUpdate":
        return
    key = key or "topology.kubernetes.io/zone"
    away = [one for one in case.in_range.values() if not one.usable]
    if len({_label(one, key) for one in (*healthy, *away)}) > 1:
        yield f"replaces {healthy[0].ordinal} while a pod with another {key} is away"


def precedes(case: Case, one: Pod, other: Pod) -> bool:
    """Return whether the update takes one pod before another."""
    how, _, key = meta.annotations(case.snapshot.spec.document).get("moorage.dev/update-order", "").partition(":")
    if how == "role":
        leads = [_label(pod, key or "moorage.dev/role") in ("leader", "primary", "master") for pod in (one, other)]
        if leads[0] != leads[1]:
            return leads[1]
    if how in ("zone", "label"):
        values = [_label(pod, key or "topology.kubernetes.io/zone") for pod in (one, other)]
        if values[0] != values[1]:
            return values[0] < values[1]
    return one.ordinal < other.ordinal if how == "forward" else one.ordinal > other.ordinal


def _label(pod: Pod, key: str) -> str:
    return meta.labels(pod.document).get(key, "")


def claims_never_shrink(case: Case) -> Iterator[str]:
    """BE8: claims change only where the set asks for it, and none is asked to hold less than it has."""
    spec, claims = case.snapshot.spec, {one.key: one.document for one in case.snapshot.claims}
    asked = meta.annotations(spec.document).get("moorage.dev/update-claims") == "true"
    for one in case.of(Patch):
        if one.resource != PERSISTENTVOLUMECLAIMS or set(one.body.get("metadata") or {}) == {"ownerReferences"}:
            continue
        if not asked or spec.deleting:
            yield f"changes claim {one.key.name} unasked"
        size = _storage((one.body.get("spec") or {}).get("resources"), "requests")
        has = _storage(claims[one.key].get("status"), "capacity")
        if size is not None and has is not None and size <= has:
            yield f"asks claim {one.key.name} to hold {size}, which has {has}"


def _storage(holder: Document | None, key: str) -> quantity.Quantity | None:
    text = ((holder or {}).get(key) or {}).get("storage")
    return quantity.parse(text) if text else None


LAWS: Mapping[str, Law] = {
    "BE1": reverts_once,
    "BE2": paused_is_still,
    "BE3": groups_follow_each_other,
    "BE4": canaries_only,
    "BE5": unused_ordinals,
    "BE6": goes_in_order,
    "BE7": hooks_come_first,
    "BE8": claims_never_shrink,
}
