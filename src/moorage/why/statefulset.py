"""Why a StatefulSet is not further: its controller's gates, each followed to the root; without a ledger see `berths`.

In: a set, the picture (with the ledger's plans where this process has them). Out: `Found`s.
A gate whose culprit is a pod or claim is told by that object's own gates; where the controller named a command, that stays.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PODS, SERVICES, STATEFULSETS
from moorage.why import berths, claim, pod, refusals
from moorage.why.gate import Found, Ref, ref_of
from moorage.why.picture import Picture

CONTROLLER = "statefulset-controller"
_COMMAND = re.compile(r"(?:^|: )((?:kubectl|moor) .*?)(?=$| \(|; |, )")
_DEEPER = {"Pod": (PODS, pod.reasons), "PersistentVolumeClaim": (PERSISTENTVOLUMECLAIMS, claim.reasons)}
_FINAL = frozenset({"NameTaken", "MinReadySeconds", "ClaimStale"})
"""Gates that say all there is to say: their culprit is not followed."""
_OWN_WAY = frozenset({"FinalizerHolds"})
"""Roots that the command of a controller's gate does not open: no force takes a finalizer away."""


def reasons(owner: Document, picture: Picture) -> list[Found]:
    """Return what holds a set back."""
    plan = newest(owner, picture)
    own = ref_of(STATEFULSETS, owner)
    if plan is None:
        found = [*berths.reasons(owner, picture)]
    else:
        found = [one for gate in plan["gates"] for one in _followed(gate, own, picture)]
        found = [*refused(plan, own, "sts"), *found, *_others(owner, found, picture)]
    return [*found, *_service(owner, picture)]


def newest(owner: Document, picture: Picture, controller: str = CONTROLLER) -> Document | None:
    """Return the newest plan of an object's controller, None where this process has none."""
    story = picture.plans(owner["kind"], ObjectKey(meta.namespace(owner), meta.name(owner)))
    return next((entry for entry in reversed(story) if entry["controller"] == controller), None)


def split_command(text: str) -> tuple[str, str]:
    """Return (what opens a gate, the command): a command stands first or after `: `; a remark may follow it."""
    match = _COMMAND.search(text)
    if match is None:
        return text, ""
    return (text[: match.start()] + text[match.end() :]).strip(" ();,") or "this command", match[1]


def told_by(gate: Mapping[str, Any], own: Ref) -> Found:
    """Return a controller's gate as it is told, seen from its object."""
    culprit = gate["culprit"]
    named = Ref(culprit["kind"], culprit["namespace"], culprit["name"])
    opens, command = split_command(gate.get("opens") or "")
    told = Found(
        gate["name"], named, gate.get("evidence") or "", gate.get("since") or "", opens=opens, command=command,
        words={"namespace": named.namespace, "resource": named.kind.lower()}, holds=gate["holds"],
    )  # fmt: skip
    return told if named == own else told.below(own)


def _followed(gate: Mapping[str, Any], own: Ref, picture: Picture) -> list[Found]:
    """Return the roots of a controller's gate; none where its culprit is gone meanwhile."""
    culprit, told = gate["culprit"], told_by(gate, own)
    named = told.culprit
    if named.kind not in _DEEPER or gate["name"] in _FINAL:
        return [told]
    resource, look = _DEEPER[named.kind]
    found = _present(resource, culprit, picture)
    if found is None:
        return [told] if gate["name"] == "PodStarting" else []
    return [joined(told, one, own) for one in look(found, picture)] or [told]


def _present(resource: Resource, culprit: Mapping[str, Any], picture: Picture) -> Document | None:
    """Return the culprit, if it is still the object the controller saw."""
    found = picture.get(resource, culprit["namespace"], culprit["name"])
    same = found is not None and culprit.get("uid") in (None, "", meta.uid(found))
    return found if same else None


def joined(told: Found, root: Found, own: Ref) -> Found:
    """Return a root as the reason of a controller's gate."""
    through = () if root.gate == told.gate else (told.gate,)
    way = told if told.command and root.gate not in _OWN_WAY else root
    return replace(root.below(own), through=through, holds=told.holds, opens=way.opens, command=way.command)


def refused(plan: Document, own: Ref, resource: str) -> Iterator[Found]:
    """A plan whose writes failed; `resource` is the word for its kind on a command line."""
    yield from refusals.of(plan.get("error") or "", own, plan.get("first") or "", resource)


def _others(owner: Document, told: Sequence[Found], picture: Picture) -> Iterator[Found]:
    """Pods that hold no step of the controller back and are not ready all the same."""
    own = ref_of(STATEFULSETS, owner)
    known = {ref for found in told for ref in (*found.path, found.culprit)}
    for document in picture.controlled(PODS, owner):
        if ref_of(PODS, document) not in known:
            yield from (found.below(own) for found in pod.reasons(document, picture))


def _service(owner: Document, picture: Picture) -> Iterator[Found]:
    """The governing Service that is not there: pods run, but their names do not resolve."""
    own, name = ref_of(STATEFULSETS, owner), owner["spec"].get("serviceName")
    if name and picture.get(SERVICES, own.namespace, name) is None:
        text = f'serviceName "{name}" does not exist: the names of the pods do not resolve'
        since = str(meta.metadata(owner).get("creationTimestamp") or "")
        chosen = (owner["spec"].get("selector") or {}).get("matchLabels") or {"KEY": "VALUE"}
        words = {"selector": ",".join(f"{key}={value}" for key, value in chosen.items())}
        service = Ref(SERVICES.kind, own.namespace, name)
        yield Found("ServiceMissing", service, text, since, words=words, holds="DNS").below(own)
