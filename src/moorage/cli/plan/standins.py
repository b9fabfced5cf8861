"""What stands in for objects that the user may not read: nodes with room, volumes where claims say so, classes that work. Pure.

In: what is missing, what was read, the manifests. Out: documents. A plan made with them says so.
"""

from collections.abc import Collection, Iterable, Iterator

from moorage.api import meta
from moorage.api.refs import Document

_ROOM = {"cpu": "10k", "memory": "100Ti", "ephemeral-storage": "100Ti", "pods": "10k"}


def for_missing(unread: Collection[str], objects: Collection[Document], wanted: Collection[Document]) -> list[Document]:
    """Return the stand-ins.

    Args:
        unread: plurals of the kinds that may not be read.
        objects: what was read.
        wanted: the manifests.
    """
    found: list[Document] = []
    if "namespaces" in unread:
        found += [_made("v1", "Namespace", name) for name in sorted({meta.namespace(one) for one in wanted} - {""})]
    if "nodes" in unread:
        found += map(_node, sorted({_node_name(one) for one in objects} - {""}) or ["node"])
    if "persistentvolumes" in unread:
        found += _volumes(objects)
    if "storageclasses" in unread:
        found += _classes([*objects, *wanted])
    return found


def _made(version: str, kind: str, name: str) -> Document:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "uid": f"stand-in-{kind}-{name}"}}


def _node_name(document: Document) -> str:
    return str(document["spec"].get("nodeName") or "") if document["kind"] == "Pod" else ""


def _node(name: str) -> Document:
    conditions = [{"type": "Ready", "status": "True"}]
    return {
        **_made("v1", "Node", name),
        "spec": {},
        "status": {"capacity": _ROOM, "allocatable": _ROOM, "conditions": conditions},
    }


def _volumes(objects: Iterable[Document]) -> Iterator[Document]:
    """Return a volume for each bound claim, reachable from every node."""
    for claim in objects:
        spec = claim.get("spec") or {}
        if claim["kind"] != "PersistentVolumeClaim" or not spec.get("volumeName"):
            continue
        ref = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "uid": meta.uid(claim)}
        ref |= {"namespace": meta.namespace(claim), "name": meta.name(claim)}
        made = _made("v1", "PersistentVolume", spec["volumeName"])
        yield {
            **made,
            "metadata": {**made["metadata"], "finalizers": ["kubernetes.io/pv-protection"]},
            "spec": {
                "csi": {"driver": "stand-in", "volumeHandle": spec["volumeName"]},
                "volumeMode": spec.get("volumeMode") or "Filesystem",
                "accessModes": spec.get("accessModes") or [],
                "capacity": (claim.get("status") or {}).get("capacity") or {},
                "storageClassName": spec.get("storageClassName") or "",
                "persistentVolumeReclaimPolicy": "Retain",
                "claimRef": ref,
            },
            "status": {"phase": "Bound"},
        }


def _classes(documents: Iterable[Document]) -> Iterator[Document]:
    """Return the classes that claims and claim templates name, and one for those that name none."""
    default = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    names = sorted({name for one in documents for name in _class_names(one)} - {"", "default"})
    for name in ("default", *names):
        made = _made("storage.k8s.io/v1", "StorageClass", name)
        metadata = {**made["metadata"], **(default if name == "default" else {})}
        shape = {"volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": True, "provisioner": "stand-in"}
        yield {**made, "metadata": metadata, **shape}


def _class_names(document: Document) -> Iterator[str]:
    spec = document.get("spec") or {}
    claims = [document] if document["kind"] == "PersistentVolumeClaim" else spec.get("volumeClaimTemplates") or ()
    return (str(one["spec"].get("storageClassName") or "") for one in claims)
