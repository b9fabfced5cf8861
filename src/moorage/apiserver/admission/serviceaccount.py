"""ServiceAccount: every pod runs as an account that exists, and finds its token where clients look for it.

In: new pods. Out: account, image pull secrets, the projected volume `kube-api-access-…` and its mounts.
Rules: plugin/pkg/admission/serviceaccount upstream.
"""

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import items, own

MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
ROOT_CA = "kube-root-ca.crt"
_TOKEN_SECONDS = 3607
"""Life of a pod's token, seconds: the odd number tells that nobody asked for it."""
_MIRROR = "kubernetes.io/config.mirror"
_DEFAULT_MODE = 420


def check(write: Write, world: World) -> None:
    """Give a pod its account. Raises: ApiError (403)."""
    if _MIRROR in (write.new["metadata"].get("annotations") or {}):
        return
    spec = own(write.new, "spec")
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    account = world.get(scheme.SERVICEACCOUNTS, write.key.namespace, name)
    if account is None:
        sentence = f"error looking up service account {write.key.namespace}/{name}: "
        sentence += f'serviceaccount "{name}" not found'
        raise errors.forbidden(scheme.PODS, write.shown_name, sentence)
    if _automounts(spec, account.document):
        _mount(spec, world)
    if not items(spec, "imagePullSecrets") and items(account.document, "imagePullSecrets"):
        spec["imagePullSecrets"] = items(account.document, "imagePullSecrets")


def _automounts(spec: Document, account: Document) -> bool:
    """The pod decides, else its account, else yes."""
    for document in (spec, account):
        chosen = document.get("automountServiceAccountToken")
        if chosen is not None:
            return bool(chosen)
    return True


def _mount(spec: Document, world: World) -> None:
    """Add the volume, unless every container already has something mounted there."""
    containers = [*items(spec, "initContainers"), *items(spec, "containers")]
    without = [one for one in containers if all(mount.get("mountPath") != MOUNT_PATH for mount in _mounts(one))]
    if not without:
        return
    name = f"kube-api-access-{world.ambient.ids.suffix(5)}"
    for container in without:
        container["volumeMounts"] = [*_mounts(container), {"name": name, "readOnly": True, "mountPath": MOUNT_PATH}]
    spec["volumes"] = [*items(spec, "volumes"), _volume(name)]


def _mounts(container: Document) -> list[Document]:
    return items(container, "volumeMounts")


def _volume(name: str) -> Document:
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": ROOT_CA, "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": _DEFAULT_MODE}}


GATE = Gate("ServiceAccount", check, (scheme.PODS,))
