"""Words that commands about a pod need: who owns it, what to delete, how to force it.

In: a pod. Out: the blanks of `table` rows.
"""

from collections.abc import Mapping

from moorage.api import meta, owners
from moorage.api.refs import Document

_SHORT = {"StatefulSet": "sts", "ReplicaSet": "rs", "Deployment": "deployment", "DaemonSet": "ds", "Job": "job"}


def about(pod: Document, container: str = "") -> Mapping[str, str]:
    """Return the words of a pod.

    Args:
        pod: its document.
        container: the one it is about; the first unless given.
    """
    namespace, name = meta.namespace(pod), meta.name(pod)
    owner = owner_word(pod)
    containers = pod["spec"].get("containers") or ({"name": ""},)
    named = container or containers[0]["name"]
    delete = f"kubectl delete pod {name} -n {namespace}"
    return {
        "namespace": namespace,
        "pod": name,
        "owner": owner,
        "container": named,
        "setimage": f"kubectl set image {owner} {named}=IMAGE -n {namespace}",
        "recreate": delete if not owner.startswith("pod/") else f"kubectl get pvc -n {namespace}",
        "force": f"{delete} --grace-period=0 --force",
    }


def owner_word(pod: Document) -> str:
    """Return what to edit so that the pod changes: `sts/web`, `deployment/shop`, or the pod itself: `pod/web-0`."""
    controller = owners.controller_of(pod)
    if controller is None:
        return f"pod/{meta.name(pod)}"
    # A Deployment names its ReplicaSets NAME-HASH and labels their pods with the hash; it would undo a change of a ReplicaSet.
    hashed = meta.labels(pod).get("pod-template-hash")
    if controller["kind"] == "ReplicaSet" and hashed and controller["name"].endswith(f"-{hashed}"):
        return f"deployment/{controller['name'].removesuffix(f'-{hashed}')}"
    return f"{_SHORT.get(controller['kind'], controller['kind'].lower())}/{controller['name']}"
