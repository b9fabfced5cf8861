"""Random sets in random company: specs, revisions, pods and claims in every state a cache can show.

In: hypothesis. Out: caches filled with documents, and the key of the set.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from moorage.api import revisiondata
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import CONTROLLERREVISIONS, PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS, STORAGECLASSES
from moorage.controllers.statefulset.snapshot import INDEXES
from moorage.informer.objects import ObjectCache

KEY = ObjectKey("default", "web")
UID = "set-uid"
LABELS = {"app": "web"}
HIGHEST = 7
_OWN = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": UID, "controller": True}
_FOREIGN = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "other", "uid": "other-uid", "controller": True}


@dataclass
class World:
    """Caches with what was drawn in them."""

    caches: dict[Resource, ObjectCache] = field(default_factory=dict)

    def of(self, resource: Resource) -> ObjectCache:
        """Return the cache of a resource (`Caches`)."""
        if resource not in self.caches:
            self.caches[resource] = ObjectCache(resource, [one for one in INDEXES if one.resource == resource])
        return self.caches[resource]

    def put(self, resource: Resource, document: Document) -> None:
        """Add a document."""
        number = sum(len(cache) for cache in self.caches.values()) + 1
        metadata = {"namespace": "default", "resourceVersion": str(number), "uid": f"u{number}", **document["metadata"]}
        self.of(resource).apply({**document, "metadata": metadata}, number, deleted=False)


def template(image: str) -> Document:
    """Return a pod template."""
    return {
        "metadata": {"creationTimestamp": None, "labels": LABELS},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }


def revision_name(image: str) -> str:
    """Return the name of the revision of a template."""
    return revisiondata.name_of(
        "web", revisiondata.hash_of(revisiondata.encode(revisiondata.data_of(template(image))), 0)
    )


IMAGES = ("a", "b", "c")
REVISIONS = tuple(map(revision_name, IMAGES))


ZONE = "topology.kubernetes.io/zone"
ORDERS = ("reverse", "forward", "zone", "role", "role:part", f"label:{ZONE}", "label:part")
HOOK = '{"exec":{"command":["leave"]}}'
REQUESTS = tuple(f'{{"id":"{number}","hook":{HOOK}}}' for number in (1, 2))
_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "moorage.dev/unstick": st.sampled_from(("true", *REVISIONS)),
        "moorage.dev/auto-revert-after": st.sampled_from(("5m", "2h", "soon")),
        "moorage.dev/reverted": st.sampled_from(REVISIONS),
        "moorage.dev/paused": st.sampled_from(("true", "false", "perhaps")),
        "moorage.dev/ahead": st.sampled_from((f"1={REVISIONS[0]},3={REVISIONS[1]}", "0=lost")),
        "moorage.dev/canary": st.sampled_from(("0", "1,2", "9")),
        "moorage.dev/reserved-ordinals": st.sampled_from(("0", "1,2", "1,4,9")),
        "moorage.dev/pre-removal-hook": st.sampled_from((HOOK, HOOK, "{}")),
        "moorage.dev/ordered-delete": st.just("true"),
        "moorage.dev/hibernate": st.sampled_from(("true", "false", "false", "false")),
        "moorage.dev/update-order": st.sampled_from(ORDERS),
        "moorage.dev/update-claims": st.sampled_from(("true", "true", "false")),
    },
)


def _rarely(draw: st.DrawFn, often: int) -> bool:
    """Return True about once in `often` draws."""
    return draw(st.sampled_from((False,) * (often - 1) + (True,)))


@st.composite
def _strategies(draw: st.DrawFn) -> Document:
    kind = draw(st.sampled_from(("RollingUpdate",) * 4 + ("OnDelete", "Recreate")))
    if kind != "RollingUpdate" or (draw(st.booleans()) and draw(st.booleans())):
        return {"type": kind}
    rolling: Document = {"partition": draw(st.sampled_from((0, 0, 0, 1, 2)))}
    limit = draw(st.sampled_from((None, 1, 2, "50%")))
    return {"type": kind, "rollingUpdate": rolling if limit is None else {**rolling, "maxUnavailable": limit}}


@st.composite
def _sets(draw: st.DrawFn) -> Document:
    replicas, start = draw(st.integers(0, 5)), draw(st.integers(0, 2))
    policy = st.sampled_from(("Retain", "Delete"))
    status: Document = {"replicas": 0}
    if draw(st.booleans()):
        status["currentRevision"] = draw(st.sampled_from((*REVISIONS, *REVISIONS, "lost")))
        status["currentReplicas"] = draw(st.integers(0, 5))
        status["observedGeneration"] = draw(st.integers(0, 3))
    metadata: Document = {"name": "web", "uid": UID, "generation": 3}
    if _rarely(draw, 15):
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    if draw(st.booleans()):
        metadata["annotations"] = draw(_OPTIONS)
    if _rarely(draw, 5):
        held = st.sampled_from(("moorage.dev/ordered-delete", "orphan", "foregroundDeletion"))
        metadata["finalizers"] = draw(st.lists(held, unique=True))
    if "deletionTimestamp" in metadata and draw(st.booleans()):
        metadata["annotations"] = {**metadata.get("annotations", {}), "moorage.dev/ordered-delete": "true"}
        metadata["finalizers"] = [*metadata.get("finalizers", []), "moorage.dev/ordered-delete"]
    return {
        "metadata": metadata,
        "spec": {
            "replicas": replicas,
            "ordinals": {"start": start},
            "serviceName": "svc",
            "selector": {"matchLabels": LABELS},
            "template": template(draw(st.sampled_from(IMAGES))),
            "podManagementPolicy": draw(st.sampled_from(("OrderedReady", "Parallel"))),
            "updateStrategy": draw(_strategies()),
            "minReadySeconds": draw(st.sampled_from((0, 0, 0, 5))),
            "revisionHistoryLimit": draw(st.sampled_from((0, 1, 10))),
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": draw(policy), "whenScaled": draw(policy)},
            "volumeClaimTemplates": []
            if _rarely(draw, 4)
            else [{"metadata": {"name": "data"}, "spec": draw(_sizes())}],
        },
        "status": status,
    }


@st.composite
def _pods(draw: st.DrawFn, name: str, revisions: tuple[str, ...], calm: int) -> Document:
    """Draw a pod that is mostly as wanted: what is odd about it is rare, so that plans get far.

    Args:
        calm: how many times rarer than usual the odd is.
    """
    phase = "Running"
    if _rarely(draw, 6 * calm):
        phase = draw(st.sampled_from(("Pending", "Failed", "Succeeded")))
    ready = phase == "Running" and not _rarely(draw, 6 * calm)
    since = draw(st.sampled_from(("2026-01-01T00:00:00Z",) * 4 + ("2026-01-01T00:59:55Z", None)))
    condition: Document = {"type": "Ready", "status": str(ready)}
    metadata: Document = {
        "name": name,
        "labels": {
            **({"app": "else"} if _rarely(draw, 40 * calm) else LABELS),
            "controller-revision-hash": draw(st.sampled_from(revisions)),
            **({"part": draw(st.sampled_from(("leader", "a", "b")))} if draw(st.booleans()) else {}),
            **({ZONE: draw(st.sampled_from(("a", "b")))} if draw(st.booleans()) else {}),
            "statefulset.kubernetes.io/pod-name": "x" if _rarely(draw, 20 * calm) else name,
        },
    }
    owner = draw(st.sampled_from((_OWN, _FOREIGN, None))) if _rarely(draw, 15 * calm) else _OWN
    if owner:
        metadata["ownerReferences"] = [owner]
    if _rarely(draw, 8 * calm):
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        metadata["deletionGracePeriodSeconds"] = 30
    answers: list[Document] = []
    if draw(st.booleans()):
        metadata["annotations"] = {"moorage.dev/prepare-removal": draw(st.sampled_from((*REQUESTS, "?")))}
        answer = {"type": "moorage.dev/RemovalPrepared", "message": "request 1: done"}
        answers = [{**answer, "status": draw(st.sampled_from(("True", "False")))}]
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": f"data-{name}"}}]
    body = {"volumes": [] if _rarely(draw, 20 * calm) else volumes, "containers": []}
    status = {
        "phase": phase,
        "conditions": [{**condition, **({"lastTransitionTime": since} if since else {})}, *answers],
    }
    return {"metadata": metadata, "spec": body, "status": status}


@st.composite
def _claims(draw: st.DrawFn, pod: str) -> Document:
    metadata: Document = {"name": f"data-{pod}"}
    references: list[Any] = [
        {"apiVersion": "v1", "kind": "Pod", "name": pod, "uid": "gone", "controller": True},
        {**_OWN},
        {**_OWN, "uid": "older-set"},
        _FOREIGN,
    ]
    if _rarely(draw, 3):
        metadata["ownerReferences"] = [draw(st.sampled_from(references))]
    if _rarely(draw, 6):
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    status = {"phase": draw(st.sampled_from(("Bound", "Bound", "Pending")))}
    capacity = {"capacity": {"storage": draw(_SIZES)}} if status["phase"] == "Bound" else {}
    spec = {"storageClassName": draw(st.sampled_from(("fast", "fixed"))), **draw(_sizes())}
    return {"metadata": metadata, "spec": spec, "status": {**status, **capacity}}


_SIZES = st.sampled_from(("1Gi", "2Gi", "3Gi"))


def _sizes() -> st.SearchStrategy[Document]:
    """Draw what a claim asks for."""
    return st.builds(lambda size: {"resources": {"requests": {"storage": size}}}, _SIZES)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a set and everything a snapshot of it can hold."""
    world = World()
    owner = draw(_sets())
    world.put(STATEFULSETS, owner)
    world.put(STORAGECLASSES, {"metadata": {"name": "fast"}, "allowVolumeExpansion": True})
    world.put(STORAGECLASSES, {"metadata": {"name": "fixed"}})
    wanted = owner["spec"]["template"]["spec"]["containers"][0]["image"]
    others = [image for image in draw(st.permutations(IMAGES)) if image != wanted][: draw(st.integers(0, 2))]
    images = [*others, wanted] if not _rarely(draw, 8) else draw(st.permutations(others))
    for number, image in enumerate(images):
        metadata: Document = {"name": revision_name(image), "labels": LABELS}
        if not _rarely(draw, 30):
            metadata["ownerReferences"] = [_OWN]
        data = revisiondata.data_of(template(image))
        world.put(CONTROLLERREVISIONS, {"metadata": metadata, "data": data, "revision": number + 1})
    start = owner["spec"]["ordinals"]["start"]
    top = start + owner["spec"]["replicas"]
    span = range(start, top) if draw(st.booleans()) else range(draw(st.integers(0, 2)), HIGHEST)
    sparse = draw(st.booleans())
    names = [f"web-{ordinal}" for ordinal in span if not (sparse and _rarely(draw, 4))]
    odd = (draw(st.sampled_from(("web-01", "web-99999999999", "web-a-0"))),) if _rarely(draw, 10) else ()
    revisions = tuple(map(revision_name, images)) or REVISIONS
    calm = draw(st.sampled_from((1, 3, 9)))
    kept = {f"web-{ordinal}" for ordinal in range(start, top)}
    for name in [*names, *odd]:
        world.put(PODS, draw(_pods(name, revisions, calm if name in kept else 1)))
    for ordinal in range(HIGHEST):
        if not _rarely(draw, 3):
            world.put(PERSISTENTVOLUMECLAIMS, draw(_claims(f"web-{ordinal}")))
    return world
