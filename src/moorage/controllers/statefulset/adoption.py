"""Which pods and revisions belong to the set: keep, adopt, release.

In: `Snapshot`. Out: the claimed pods, and the writes that adopt and release. Source: facts/statefulset.md 1.3, 1.4.
Adoption is a plan of its own: what follows is decided on what the store then shows.
"""

from dataclasses import dataclass

from moorage.api import meta, owners
from moorage.api.refs import Document, Resource
from moorage.api.scheme import CONTROLLERREVISIONS, PODS, STATEFULSETS
from moorage.api.views.berth import PodBerth
from moorage.controllers.statefulset.roster import Roster, enrol
from moorage.controllers.statefulset.snapshot import PodCached, RevisionCached, Snapshot
from moorage.controllers.statefulset.spec import SetSpec
from moorage.reconcile.actions import Action, Confirm, Patch

KEEP, ADOPT, RELEASE, IGNORE = "keep", "adopt", "release", "ignore"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What belongs to the set.

    Args:
        roster: the pods it controls and that fit.
        foreign: pods that hold one of its names and are not its own.
        writes: adoptions (after one live check of the set) and releases.
    """

    roster: Roster
    foreign: tuple[PodCached, ...]
    writes: tuple[Action, ...]

    @property
    def pods(self) -> tuple[PodCached, ...]:
        """The pods it controls and that fit."""
        return self.roster.pods


def claim(snapshot: Snapshot) -> Claimed:
    """Judge every pod and revision of a snapshot."""
    spec = snapshot.spec
    roster = enrol(snapshot.pods)
    judged = {mark: _verdict(spec, berth) for mark, berth in roster.examples.items()}
    sorted_out: dict[str, list[PodCached]] = {verdict: [] for verdict in (KEEP, ADOPT, RELEASE, IGNORE)}
    if set(judged.values()) <= {KEEP}:
        return Claimed(roster, (), _writes(snapshot, [], []))
    for pod, mark in zip(roster.pods, roster.marks):
        sorted_out[judged[mark]].append(pod)
    foreign = (*sorted_out[IGNORE], *sorted_out[ADOPT])
    return Claimed(enrol(tuple(sorted_out[KEEP])), foreign, _writes(snapshot, sorted_out[ADOPT], sorted_out[RELEASE]))


def controller_reference(spec: SetSpec) -> Document:
    """Return the owner reference the set puts on what it makes and adopts."""
    return owners.controller_reference(spec.document, STATEFULSETS)


def _verdict(spec: SetSpec, berth: PodBerth) -> str:
    """Return what to do with pods of this mark (the table of 1.3)."""
    fits = spec.selector is not None and spec.selector.matches(berth.labels)
    if berth.controller:
        if berth.controller != spec.uid:
            return IGNORE
        return KEEP if fits or spec.deleting else RELEASE
    return ADOPT if fits and not spec.deleting and not berth.deleting else IGNORE


def _writes(snapshot: Snapshot, adopted: list[PodCached], released: list[PodCached]) -> tuple[Action, ...]:
    spec = snapshot.spec
    if spec.deleting:
        return ()
    orphans = [one for one in snapshot.revisions if owners.controller_of(one.document) is None]
    confirm = [Confirm(STATEFULSETS, spec.key, spec.uid)] if adopted or orphans else []
    patches = [_adopt(spec, CONTROLLERREVISIONS, revision) for revision in orphans]
    patches += [_adopt(spec, PODS, pod) for pod in adopted]
    return (*confirm, *patches, *(_release(spec, pod) for pod in (*released, *snapshot.strays)))


def _adopt(spec: SetSpec, resource: Resource, cached: PodCached | RevisionCached) -> Patch:
    body = {"metadata": {"ownerReferences": [controller_reference(spec)]}}
    return Patch(resource, cached.key, body, meta.uid(cached.document), kind="strategic", missing_ok=True)


def _release(spec: SetSpec, pod: PodCached) -> Patch:
    body = {"metadata": {"ownerReferences": [{"$patch": "delete", "uid": spec.uid}]}}
    return Patch(PODS, pod.key, body, meta.uid(pod.document), kind="strategic", missing_ok=True)
