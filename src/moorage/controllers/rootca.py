"""Every active namespace has the ConfigMap `kube-root-ca.crt`, with which pods check the API server's certificate.

In: namespaces, ConfigMaps, the authority's certificate. Out: plans that create or mend it. Source: facts/apiserver.md 5.8.
"""

import datetime
from dataclasses import dataclass
from functools import partial
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import CONFIGMAPS, NAMESPACES
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import Create, Patch
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan
from moorage.reconcile.triggers import on_self, sides

NAME = "kube-root-ca.crt"
FIELD = "ca.crt"
_DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An active namespace and its ConfigMap, if there is one."""

    namespace: str
    present: Cached[Any] | None


def build(authority: str) -> Controller[Snapshot]:
    """Return the controller.

    Args:
        authority: certificate of the API server's authority, PEM.
    """
    return Controller(
        name="root-ca-certificate-publisher-controller",
        resource=NAMESPACES,
        triggers=(on_self(NAMESPACES), Trigger(CONFIGMAPS, _keys)),
        take=take,
        decide=partial(decide, authority=authority),
        workers=1,
    )


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of an active namespace."""
    namespace = caches.of(NAMESPACES).get(key)
    if namespace is None or namespace.view.metadata.deleting:
        return None
    return Snapshot(key.name, caches.of(CONFIGMAPS).get(ObjectKey(key.name, NAME)))


def decide(snapshot: Snapshot, _now: datetime.datetime, authority: str) -> Plan:
    """Create the ConfigMap, or put its data right."""
    data = {FIELD: authority}
    present = snapshot.present
    if present is None:
        metadata = {
            "name": NAME,
            "namespace": snapshot.namespace,
            "annotations": {"kubernetes.io/description": _DESCRIPTION},
        }
        document = {"apiVersion": "v1", "kind": CONFIGMAPS.kind, "metadata": metadata, "data": data}
        return Plan((Create(CONFIGMAPS, document, exists_ok=True),))
    if present.document.get("data") == data:
        return Plan()
    superfluous: dict[str, str | None] = {name: None for name in present.document.get("data") or {} if name != FIELD}
    return Plan((Patch(CONFIGMAPS, present.key, {"data": {**superfluous, **data}}, present.view.metadata.uid),))


def _keys(before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> set[ObjectKey]:
    return {ObjectKey("", side.key.namespace) for side in sides(before, after) if side.key.name == NAME}
