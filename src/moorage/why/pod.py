"""Why a pod is not ready: the gates of its life, in the order of that life.

In: a pod and the picture. Out: `Found`s; none for a pod that is ready or has ended well.
Ending first (`ending`), then a place (`scheduling`), a node that answers, volumes and references, containers (`containers`).
"""

from collections.abc import Iterator

from moorage.api import conditions, meta, owners
from moorage.api.refs import Document
from moorage.api.scheme import CONFIGMAPS, NODES, PERSISTENTVOLUMECLAIMS, PODS, SECRETS
from moorage.why import claim, containers, ending, scheduling
from moorage.why.gate import Found, line, ref_of
from moorage.why.picture import Picture
from moorage.why.words import about

_SANDBOX_EVENTS = ("FailedCreatePodSandBox",)
_VOLUME_EVENTS = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")


def reasons(pod: Document, picture: Picture) -> list[Found]:
    """Return what keeps a pod from being ready (or, while it is deleted, from being gone); most telling first."""
    if meta.is_deleting(pod):
        return ending.reasons(pod, picture)
    phase = phase_of(pod)
    if phase == "Failed":
        return [ending.finished(pod, picture)]
    if phase == "Succeeded" or conditions.is_true(pod, "Ready"):
        return []
    if not pod["spec"].get("nodeName"):
        return [*_claims(pod, picture)] or scheduling.reasons(pod, picture)
    node = list(_node(pod, picture))
    if node:
        return node
    missing = [*_claims(pod, picture), *_references(pod, picture)]
    return missing or containers.reasons(pod, picture) or [_last_resort(pod, picture)]


def phase_of(pod: Document) -> str:
    """Return a pod's phase; a new one's is Pending."""
    return (pod.get("status") or {}).get("phase") or "Pending"


def claim_names(pod: Document) -> list[str]:
    """Return the names of the claims a pod mounts."""
    sources = (volume.get("persistentVolumeClaim") for volume in pod["spec"].get("volumes") or ())
    return [source["claimName"] for source in sources if source]


def _claims(pod: Document, picture: Picture) -> Iterator[Found]:
    """Find claims that are missing or not bound; one that waits for the pod itself to be scheduled is no reason."""
    own = ref_of(PODS, pod)
    for name in claim_names(pod):
        found = picture.get(PERSISTENTVOLUMECLAIMS, own.namespace, name)
        if found is None:
            culprit = own._replace(kind=PERSISTENTVOLUMECLAIMS.kind, name=name)
            text = f'persistentvolumeclaim "{name}" not found'
            # A set makes only the claims of its templates, and those end in the name of their pod.
            made = name.endswith(f"-{own.name}")
            opens, command = ("", "") if made else ("a claim of that name", f"kubectl get pvc -n {own.namespace}")
            lost = Found("ClaimMissing", culprit, text, _created(pod), words=about(pod), opens=opens, command=command)
            yield lost.below(own)
        else:
            yield from (one.below(own) for one in claim.unbound(found, picture))


def _node(pod: Document, picture: Picture) -> Iterator[Found]:
    """Find that the pod's node is gone or does not report ready."""
    name = pod["spec"]["nodeName"]
    node = picture.get(NODES, "", name)
    own = ref_of(PODS, pod)
    culprit = own._replace(kind=NODES.kind, namespace="", name=name)
    words = {**about(pod), "node": name}
    if node is None:
        yield Found("NodeLost", culprit, f"node {name} is not in the cluster", _created(pod), words=words).below(own)
        return
    ready = conditions.find(conditions.conditions(node), "Ready") or {}
    if ready.get("status") != "True":
        text = line(f"{ready.get('reason') or 'no status reported'}: {ready.get('message') or ''}").rstrip(": ")
        yield Found("NodeNotReady", culprit, text, ready.get("lastTransitionTime") or "", words=words).below(own)


def _references(pod: Document, picture: Picture) -> Iterator[Found]:
    """Find ConfigMaps and Secrets that volumes name and that are not there."""
    own = ref_of(PODS, pod)
    sources = ((CONFIGMAPS, "configMap", "name"), (SECRETS, "secret", "secretName"))
    for volume in pod["spec"].get("volumes") or ():
        for resource, key, name_key in sources:
            source = volume.get(key)
            if not source or source.get("optional") or picture.get(resource, own.namespace, source[name_key]):
                continue
            name = source[name_key]
            text = f'volume "{volume["name"]}": {resource.singular} "{name}" not found'
            culprit = own._replace(kind=resource.kind, name=name)
            yield Found(f"{resource.kind}Missing", culprit, text, _created(pod), words=about(pod)).below(own)


def _last_resort(pod: Document, picture: Picture) -> Found:
    """Return what events say, or that the pod is starting."""
    own = ref_of(PODS, pod)
    for gate, names in (("SandboxFailed", _SANDBOX_EVENTS), ("VolumeNotMounted", _VOLUME_EVENTS)):
        event = picture.warning(pod, *names)
        if event is not None:
            return Found(
                gate, own, line(event.get("message") or ""), event.get("firstTimestamp") or "", words=about(pod)
            )
    closed = _readiness_gate(pod)
    if closed:
        text = f"containers are ready, condition {closed} is not True"
        return Found("ReadinessGateClosed", own, text, _created(pod), words={**about(pod), "condition": closed})
    return Found("PodStarting", own, f"phase {phase_of(pod)}, starting", _created(pod), words=about(pod))


def _readiness_gate(pod: Document) -> str:
    if not conditions.is_true(pod, "ContainersReady"):
        return ""
    gates = (gate["conditionType"] for gate in pod["spec"].get("readinessGates") or ())
    return next((kind for kind in gates if not conditions.is_true(pod, kind)), "")


def _created(pod: Document) -> str:
    return str(meta.metadata(pod).get("creationTimestamp") or "")


def owner_of(pod: Document) -> str:
    """Return the uid of what controls a pod, "" for nothing."""
    controller = owners.controller_of(pod)
    return str(controller["uid"]) if controller else ""
