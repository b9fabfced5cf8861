"""Every active namespace has the ServiceAccount `default`.

In: namespaces and service accounts. Out: plans that create it. Source: facts/apiserver.md 5.8.
"""

import datetime
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import NAMESPACES, SERVICEACCOUNTS
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import Create
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan
from moorage.reconcile.triggers import namespace_keys, on_self

DEFAULT = "default"


def build() -> Controller[Cached[Any]]:
    """Return the controller."""
    return Controller(
        name="serviceaccount-controller",
        resource=NAMESPACES,
        triggers=(on_self(NAMESPACES), Trigger(SERVICEACCOUNTS, namespace_keys)),
        take=take,
        decide=decide,
        workers=1,
    )


def take(key: ObjectKey, caches: Caches) -> Cached[Any] | None:
    """Return the namespace if it is active and has no default account."""
    namespace = caches.of(NAMESPACES).get(key)
    if namespace is None or namespace.view.metadata.deleting:
        return None
    return None if caches.of(SERVICEACCOUNTS).get(ObjectKey(key.name, DEFAULT)) else namespace


def decide(namespace: Cached[Any], _now: datetime.datetime) -> Plan:
    """Create the account."""
    metadata = {"name": DEFAULT, "namespace": namespace.key.name}
    document = {"apiVersion": "v1", "kind": SERVICEACCOUNTS.kind, "metadata": metadata}
    return Plan((Create(SERVICEACCOUNTS, document, exists_ok=True),))
