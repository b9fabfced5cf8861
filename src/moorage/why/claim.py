"""Why a claim has no volume.

In: a claim and the picture. Out: `Found`s; none for a bound claim. Rules: fact sheet statefulset.md 7.1 to 7.5.
"""

from collections.abc import Iterator, Mapping

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from moorage.why import scheduling
from moorage.why.gate import Found, Ref, line, ref_of
from moorage.why.picture import Picture

_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_SELECTED_NODE = "volume.kubernetes.io/selected-node"
_NO_PROVISIONER = "kubernetes.io/no-provisioner"
_IN_USE = "kubernetes.io/pvc-protection"


def reasons(claim: Document, picture: Picture) -> list[Found]:
    """Return what a claim waits for, also where that is the pod that is to use it."""
    if meta.is_deleting(claim):
        return [_deleting(claim, picture)]
    return [*unbound(claim, picture)] or [*_waits_for_pod(claim, picture)]


def unbound(claim: Document, picture: Picture) -> Iterator[Found]:
    """Find why a claim cannot have a volume, apart from waiting for a pod to be scheduled."""
    status = claim.get("status") or {}
    if status.get("phase") == "Bound" and not meta.is_deleting(claim):
        return
    if meta.is_deleting(claim):
        yield _deleting(claim, picture)
    elif status.get("phase") == "Lost":
        own, name = _own(claim), claim["spec"].get("volumeName") or ""
        culprit = Ref(PERSISTENTVOLUMES.kind, "", name) if name else own
        lost = Found("VolumeLost", culprit, f"its volume {name} is gone", _created(claim), words=_words(claim))
        yield lost.below(own) if name else lost
    elif claim["spec"].get("volumeName"):
        yield from _named_volume(claim, picture)
    else:
        yield from _by_class(claim, picture)


def class_name(claim: Document) -> str | None:
    """Return the class a claim names, None for the default: the old annotation beats the field."""
    found: str | None = meta.annotations(claim).get(_BETA_CLASS, claim["spec"].get("storageClassName"))
    return found


def users(claim: Document, picture: Picture) -> list[Document]:
    """Return the pods that mount a claim."""
    name = meta.name(claim)
    return [pod for pod in picture.all(PODS, meta.namespace(claim)) if name in _mounted(pod)]


def _mounted(pod: Document) -> list[str]:
    return [
        (volume.get("persistentVolumeClaim") or {}).get("claimName", "") for volume in pod["spec"].get("volumes") or ()
    ]


def _deleting(claim: Document, picture: Picture) -> Found:
    held = meta.finalizers(claim)
    evidence = f"finalizers: {', '.join(held) or 'none'}"
    since = str(meta.metadata(claim)["deletionTimestamp"])
    using = users(claim, picture) if _IN_USE in held else []
    if not using:
        return Found("ClaimTerminating", _own(claim), evidence, since, words=_words(claim))
    first = ref_of(PODS, using[0])
    names = ", ".join(meta.name(pod) for pod in using)
    return Found(
        "ClaimTerminating", _own(claim), f"{evidence}; in use by Pod {names}", since, words=_words(claim),
        opens=f"Pod {names} gone", command=f"kubectl delete pod {first.name} -n {first.namespace}",
    )  # fmt: skip


def _named_volume(claim: Document, picture: Picture) -> Iterator[Found]:
    """A claim that names its volume: it must exist and be free."""
    name = claim["spec"]["volumeName"]
    volume = picture.get(PERSISTENTVOLUMES, "", name)
    culprit = Ref(PERSISTENTVOLUMES.kind, "", name)
    if volume is None:
        text = f'persistentvolume "{name}" not found'
        yield Found("VolumeLost", culprit, text, _created(claim), words=_words(claim)).below(_own(claim))
        return
    holder = volume["spec"].get("claimRef") or {}
    if holder and (holder.get("namespace"), holder.get("name")) != (meta.namespace(claim), meta.name(claim)):
        text = f"bound to claim {holder.get('namespace')}/{holder.get('name')}"
        yield Found("VolumeTaken", culprit, text, _created(claim), words=_words(claim)).below(_own(claim))


def _by_class(claim: Document, picture: Picture) -> Iterator[Found]:
    wanted = class_name(claim)
    own, words = _own(claim), _words(claim)
    if wanted is None:
        text = "it names no StorageClass, and no class is the default"
        yield Found("StorageClassUnset", own, text, _created(claim), words=words)
        return
    if wanted == "":
        yield _no_match(claim, picture)
        return
    found = picture.get(STORAGECLASSES, "", wanted)
    if found is None:
        text = f'storageclass.storage.k8s.io "{wanted}" not found'
        culprit = Ref(STORAGECLASSES.kind, "", wanted)
        yield Found("StorageClassMissing", culprit, text, _created(claim), words=words).below(own)
    elif not _waits(found, claim):
        yield from _provisioned(claim, found, picture)


def _waits(found: Document, claim: Document) -> bool:
    """Return whether it is a pod's turn: the class binds when a pod is scheduled, and none is yet."""
    late = found.get("volumeBindingMode") == "WaitForFirstConsumer"
    return late and _SELECTED_NODE not in meta.annotations(claim)


def _provisioned(claim: Document, found: Document, picture: Picture) -> Iterator[Found]:
    own, provisioner = _own(claim), found.get("provisioner") or ""
    words = {**_words(claim), "provisioner": provisioner}
    event = picture.warning(claim, "ProvisioningFailed")
    if provisioner == _NO_PROVISIONER:
        yield _no_match(claim, picture)
    elif event is not None:
        since = str(event.get("firstTimestamp") or _created(claim))
        yield Found("ProvisioningFailed", own, line(event.get("message") or ""), since, words=words)
    else:
        text = f"provisioner {provisioner} has made no volume yet"
        yield Found("ProvisionerSilent", own, text, _created(claim), words=words)


def _no_match(claim: Document, picture: Picture) -> Found:
    free = sum(1 for one in picture.all(PERSISTENTVOLUMES) if (one.get("status") or {}).get("phase") == "Available")
    words = _words(claim)
    text = f'{words["size"]} {words["modes"]} of class "{words["class_name"]}"; {free} volumes are free, none suits'
    return Found("NoMatchingVolume", _own(claim), text, _created(claim), words=words)


def _waits_for_pod(claim: Document, picture: Picture) -> Iterator[Found]:
    """A claim of a class that waits for a pod: the pod's own reasons, or that no pod uses it."""
    if (claim.get("status") or {}).get("phase") == "Bound":
        return
    own = _own(claim)
    using = users(claim, picture)
    if not using:
        text = f'class "{class_name(claim)}" binds when a pod uses the claim; none does'
        yield Found("NoPodUses", own, text, _created(claim), words=_words(claim))
    for pod in using:
        if not pod["spec"].get("nodeName"):
            yield from (found.below(own) for found in scheduling.reasons(pod, picture))


def _words(claim: Document) -> Mapping[str, str]:
    spec = claim["spec"]
    return {
        "namespace": meta.namespace(claim),
        "claim": meta.name(claim),
        "class_name": class_name(claim) or "",
        "size": str(((spec.get("resources") or {}).get("requests") or {}).get("storage", "any size")),
        "modes": ",".join(spec.get("accessModes") or ()),
    }


def _own(claim: Document) -> Ref:
    return ref_of(PERSISTENTVOLUMECLAIMS, claim)


def _created(claim: Document) -> str:
    return str(meta.metadata(claim).get("creationTimestamp") or "")
