"""The pod of a daemon set on one node: what is added to the template.

In: the set, a node's name, the revision's hash. Out: the pod's document; and for a pod, the node it is meant for.
Source: pkg/controller/daemon/util (CreatePodTemplate, AddOrUpdateDaemonPodTolerations, GetTargetNodeName).
"""

from collections.abc import Mapping
from typing import Any

from moorage.api import meta, owners
from moorage.api.refs import Document
from moorage.api.scheme import DAEMONSETS, PODS
from moorage.api.views.pod import Pod
from moorage.informer.cache import Cached

HASH_LABEL = "controller-revision-hash"
_GENERATION_LABEL = "pod-template-generation"
_GENERATION = "deprecated.daemonset.template.generation"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_BORNE = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
"""Taints of a node that is not well; daemons stay and come all the same."""
_WITHOUT_NETWORK = ("network-unavailable", "NoSchedule")
_SAME = ("key", "effect", "operator", "value")


def pod_document(owner: Cached[Any], node: str, revision: str) -> Document:
    """Return a new pod for a node; the API gives it its name, the scheduler can bind it nowhere else."""
    template = owner.view.spec.template
    labels = dict(meta.labels(template))
    generation = meta.annotations(owner.document).get(_GENERATION, "")
    if generation.isdecimal():
        labels[_GENERATION_LABEL] = generation
    metadata: Document = {
        "generateName": f"{owner.key.name}-",
        "namespace": owner.key.namespace,
        "labels": {**labels, HASH_LABEL: revision},
        "ownerReferences": [owners.controller_reference(owner.document, DAEMONSETS)],
    }
    if meta.annotations(template):
        metadata["annotations"] = dict(meta.annotations(template))
    if meta.finalizers(template):
        metadata["finalizers"] = list(meta.finalizers(template))
    spec = template.get("spec") or {}
    made = {**spec, "tolerations": tolerations(spec), "affinity": _bound(spec.get("affinity") or {}, node)}
    return {"apiVersion": PODS.api_version, "kind": PODS.kind, "metadata": metadata, "spec": made}


def tolerations(spec: Mapping[str, Any]) -> list[Document]:
    """Return the template's tolerations and those every daemon has; one of the same taint is replaced."""
    found = [dict(one) for one in spec.get("tolerations") or ()]
    for name, effect in (*_BORNE, *((_WITHOUT_NETWORK,) if spec.get("hostNetwork") else ())):
        wanted = {"key": f"node.kubernetes.io/{name}", "operator": "Exists", "effect": effect}
        alike = [all(one.get(key, "") == wanted.get(key, "") for key in _SAME) for one in found]
        found = [wanted if same else one for same, one in zip(alike, found)]
        if not any(alike):
            found.append(wanted)
    return found


def node_of(pod: Pod) -> str:
    """Return the node a pod is bound to or made for, "" where it is for none."""
    if pod.spec.node_name:
        return pod.spec.node_name
    required = ((pod.spec.affinity or {}).get("nodeAffinity") or {}).get(_REQUIRED) or {}
    for term in required.get("nodeSelectorTerms") or ():
        for one in term.get("matchFields") or ():
            if one.get("key") == "metadata.name" and one.get("operator") == "In" and len(one.get("values") or ()) == 1:
                return str(one["values"][0])
    return ""


def _bound(affinity: Document, node: str) -> Document:
    """Return an affinity that requires a node by name; what it required before has been looked at already."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    nodes = affinity.get("nodeAffinity") or {}
    required = {**(nodes.get(_REQUIRED) or {}), "nodeSelectorTerms": [term]}
    return {**affinity, "nodeAffinity": {**nodes, _REQUIRED: required}}
