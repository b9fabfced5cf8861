"""Claims of a berth: which exist, which must be made, who must own them.

In: claims of a snapshot, the set, one pod name. Out: documents, actions, verdicts.
Source: facts/statefulset.md 1.7 (storage), 1.10 (retention); reliability VO4, VO8.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from moorage.api import meta, owners
from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.api.views.berth import ClaimBerth
from moorage.api.views.meta import OwnerReference
from moorage.controllers.statefulset import identity
from moorage.controllers.statefulset.rules import Rules
from moorage.controllers.statefulset.snapshot import ClaimCached, PodCached, claim_berth
from moorage.controllers.statefulset.spec import DELETE, RETAIN, SetSpec
from moorage.reconcile.actions import Action, Create, Emit, Patch

_BERTH = attrgetter("view.berth")
_MARK = attrgetter("mark")
CONFLICT = (
    "PersistentVolumeClaim {claim} has a conflicting OwnerReference that acts as a manging controller, "
    "the retention policy is ignored for this claim"
)
"""Upstream's text, its spelling included."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """The pod a claim is judged for.

    Args:
        name: pod name.
        uid: "" where the pod does not exist yet.
        document: None where the pod does not exist yet.
        condemned: its ordinal is out of range.
    """

    name: str
    uid: str = ""
    document: Document | None = None
    condemned: bool = False


@dataclass(frozen=True)
class Claims:
    """The claims of one set, and the rules they are judged by."""

    spec: SetSpec
    rules: Rules
    present: tuple[ClaimCached, ...]

    @cached_property
    def by_name(self) -> Mapping[str, ClaimCached]:
        """The claims by name; made only when some pod needs its own."""
        return {claim.key.name: claim for claim in self.present}

    def of(self, pod: str) -> tuple[tuple[Document, str, ClaimCached | None], ...]:
        """Return (template, claim name, claim or None) for each claim template."""
        named = ((template, identity.claim_name(meta.name(template), pod)) for template in self.spec.claim_templates)
        return tuple((template, name, self.by_name.get(name)) for template, name in named)

    def terminating(self, pod: str) -> ClaimCached | None:
        """Return the first claim of a pod that is being deleted."""
        return next((claim for _, _, claim in self.of(pod) if claim is not None and claim_berth(claim).deleting), None)

    def stale(self, pod: str) -> ClaimCached | None:
        """Return the first claim still owned by an earlier pod of this name: it is about to go (PodClaimIsStale)."""
        if self.spec.when_scaled == RETAIN:
            return None
        present = (claim for _, _, claim in self.of(pod) if claim is not None)
        return next((claim for claim in present if any(_is_pod(one, pod) for one in claim_berth(claim).owners)), None)

    def creations(self, tenant: Tenant) -> tuple[Create, ...]:
        """Return what makes the missing claims of a pod; the owner a claim must have is on it from the start."""
        return tuple(
            self._creation(template, name, tenant) for template, name, claim in self.of(tenant.name) if not claim
        )

    def repairs(self, tenant: Tenant) -> tuple[Action, ...]:
        """Return what gives the existing claims of a pod the owners the retention policy asks for."""
        found: list[Action] = []
        for _, _, claim in self.of(tenant.name):
            if claim is not None:
                found.extend(self._repair(claim, tenant))
        return tuple(found)

    def misfits(self, pods: Mapping[int, PodCached]) -> frozenset[int]:
        """Return the ordinals in range whose pod has a claim with owners that must change.

        Args:
            pods: by ordinal.
        """
        berths = list(map(_BERTH, self.present))
        examples = dict(zip(map(_MARK, berths), berths))
        doubtful = {mark for mark, berth in examples.items() if not self._fits_anyone(berth)}
        if not doubtful:
            return frozenset()
        found = set()
        for berth in berths:
            pod = pods.get(berth.ordinal) if berth.ordinal in self.spec.ordinals else None
            if berth.mark not in doubtful or pod is None or berth.name != f"{berth.stem}-{berth.ordinal}":
                continue
            if not self._fits(berth, Tenant(pod.key.name, pod.view.metadata.uid)):
                found.add(berth.ordinal)
        return frozenset(found)

    def _fits_anyone(self, claim: ClaimBerth) -> bool:
        """Return whether a claim with these owners fits whatever pod in range it belongs to."""
        return not any(one.kind == PODS.kind for one in claim.owners) and self._fits(claim, Tenant(""))

    def _fits(self, claim: ClaimBerth, tenant: Tenant) -> bool:
        return _owners(self.spec, claim.owners, tenant, self.rules) is None

    def _repair(self, claim: ClaimCached, tenant: Tenant) -> tuple[Action, ...]:
        berth = claim_berth(claim)
        wanted = _owners(self.spec, berth.owners, tenant, self.rules)
        conflict = self._conflict(berth, tenant)
        if wanted is None:
            # A pod in range is looked at where something differs, one that is made or condemned always.
            return conflict if tenant.condemned or tenant.document is None else ()
        drop = {id(one) for one in berth.owners if _is_ours(self.spec, one, tenant, self.rules)}
        kept = [raw for raw, one in zip(owners.owner_references(claim.document), berth.owners) if id(one) not in drop]
        body = {"metadata": {"ownerReferences": [*kept, *wanted]}}
        patch = Patch(
            PERSISTENTVOLUMECLAIMS,
            claim.key,
            body,
            meta.uid(claim.document),
            resource_version=meta.resource_version(claim.document),
            missing_ok=True,
        )
        return (*conflict, patch)

    def _conflict(self, claim: ClaimBerth, tenant: Tenant) -> tuple[Action, ...]:
        """Return the event of a claim whose retention is somebody else's."""
        if not _conflicting(self.spec, claim.owners, tenant, self.rules):
            return ()
        return (Emit(self.spec.document, "Warning", "ConflictingController", CONFLICT.format(claim=claim.name)),)

    def _creation(self, template: Document, name: str, tenant: Tenant) -> Create:
        spec = self.spec
        document = claim_document(spec, template, name)
        references = _owners(spec, (), tenant, self.rules)
        if references:
            document["metadata"]["ownerReferences"] = references
        made = f"create Claim {name} Pod {tenant.name} in StatefulSet {spec.name} success"
        failed = f"create Claim {name} for Pod {tenant.name} in StatefulSet {spec.name} failed error: {{error}}"
        pod = f"create Pod {tenant.name} in StatefulSet {spec.name} failed"
        return Create(
            PERSISTENTVOLUMECLAIMS,
            document,
            on_success=Emit(spec.document, "Normal", "SuccessfulCreate", made),
            on_failure=(
                Emit(spec.document, "Warning", "FailedCreate", failed),
                Emit(spec.document, "Warning", "FailedCreate", f"{pod} error: failed to create PVC {name}: {{error}}"),
            ),
        )


def claim_document(spec: SetSpec, template: Document, name: str) -> Document:
    """Return a new claim: the template, its labels overlaid by the selector's matchLabels."""
    selector = (spec.document.get("spec") or {}).get("selector") or {}
    labels = {**meta.labels(template), **(selector.get("matchLabels") or {})}
    metadata: Document = {"name": name, "namespace": spec.key.namespace, "labels": labels}
    if meta.annotations(template):
        metadata["annotations"] = dict(meta.annotations(template))
    return {
        "apiVersion": PERSISTENTVOLUMECLAIMS.api_version,
        "kind": PERSISTENTVOLUMECLAIMS.kind,
        "metadata": metadata,
        "spec": template.get("spec") or {},
    }


def _owners(spec: SetSpec, present: Iterable[OwnerReference], tenant: Tenant, rules: Rules) -> list[Document] | None:
    """Return the references of ours a claim must carry; None where it already carries exactly these.

    A stale reference of ours (our name, another uid) means: leave the claim alone altogether.
    """
    present = tuple(present)
    if rules.controller_refs and any(_is_stale(spec, one, tenant) for one in present):
        return None
    ours = [one for one in present if _is_ours(spec, one, tenant, rules)]
    wanted = [] if _conflicting(spec, present, tenant, rules) else _wanted(spec, tenant, rules)
    have = sorted((one.uid, bool(one.controller)) for one in ours)
    return None if have == sorted((one["uid"], bool(one.get("controller"))) for one in wanted) else wanted


def _wanted(spec: SetSpec, tenant: Tenant, rules: Rules) -> list[Document]:
    """Return the references the retention policy asks for (the table of 1.10)."""
    make = owners.controller_reference if rules.controller_refs else owners.reference_to
    if tenant.condemned and spec.when_scaled == DELETE:
        return [make(tenant.document, PODS)] if tenant.document else []
    return [make(spec.document, STATEFULSETS)] if spec.when_deleted == DELETE else []


def _conflicting(spec: SetSpec, present: Iterable[OwnerReference], tenant: Tenant, rules: Rules) -> bool:
    """Return whether somebody else controls the claim, so that the policy is not ours to enforce."""
    if spec.retains or not rules.controller_refs:
        return False
    return any(one.controller and not _is_ours(spec, one, tenant, rules) for one in present)


def _is_ours(spec: SetSpec, one: OwnerReference, tenant: Tenant, rules: Rules) -> bool:
    if rules.controller_refs:
        return _is_set(one, spec.name) or _is_pod(one, tenant.name)
    return one.uid in (spec.uid, tenant.uid)


def _is_stale(spec: SetSpec, one: OwnerReference, tenant: Tenant) -> bool:
    if _is_set(one, spec.name):
        return one.uid != spec.uid
    return _is_pod(one, tenant.name) and one.uid != tenant.uid


def _is_set(one: OwnerReference, name: str) -> bool:
    return one.kind == STATEFULSETS.kind and one.api_version == STATEFULSETS.api_version and one.name == name


def _is_pod(one: OwnerReference, name: str) -> bool:
    return one.kind == PODS.kind and one.api_version == PODS.api_version and one.name == name
