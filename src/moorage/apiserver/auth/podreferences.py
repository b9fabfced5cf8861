"""Which Secrets, ConfigMaps, claims and accounts a pod refers to: what its node may read.

In: Pod documents. Out: (plural, name) pairs in the pod's namespace (plugin/pkg/auth/authorizer/node upstream).
"""

from collections.abc import Iterator

from moorage.api.refs import Document
from moorage.apiserver.documents import items, part

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

Reference = tuple[str, str]


def references(pod: Document) -> Iterator[Reference]:
    """Return everything a pod refers to; may repeat itself."""
    spec = part(pod, "spec")
    yield "serviceaccounts", spec.get("serviceAccountName") or ""
    for secret in items(spec, "imagePullSecrets"):
        yield "secrets", secret.get("name", "")
    for volume in items(spec, "volumes"):
        yield from _of_volume(volume)
    for kind in _CONTAINERS:
        for container in items(spec, kind):
            yield from _of_container(container)


def _of_volume(volume: Document) -> Iterator[Reference]:
    yield "secrets", part(volume, "secret").get("secretName", "")
    yield "configmaps", part(volume, "configMap").get("name", "")
    yield "persistentvolumeclaims", part(volume, "persistentVolumeClaim").get("claimName", "")
    for source in items(volume, "projected", "sources"):
        yield "secrets", part(source, "secret").get("name", "")
        yield "configmaps", part(source, "configMap").get("name", "")


def _of_container(container: Document) -> Iterator[Reference]:
    for variable in items(container, "env"):
        yield "secrets", part(variable, "valueFrom", "secretKeyRef").get("name", "")
        yield "configmaps", part(variable, "valueFrom", "configMapKeyRef").get("name", "")
    for source in items(container, "envFrom"):
        yield "secrets", part(source, "secretRef").get("name", "")
        yield "configmaps", part(source, "configMapRef").get("name", "")
