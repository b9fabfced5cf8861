"""What a fresh cluster has before anybody asked: its namespaces, roles, the system's
priority classes, and the Service that is the API itself.

In: a started server. Out: objects, created where they are missing. Run at every start, idempotent
(fact sheet apiserver.md 5.8, last line).
"""

import copy
import ipaddress

from moorage.api import meta, scheme
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.views.network import SERVICE_LABEL
from moorage.apiserver.auth import policy
from moorage.apiserver.call import Services
from moorage.apiserver.kinds import priorityclass
from moorage.apiserver.registry import Order, bare_rules
from moorage.base.errors import ApiError
from moorage.client.ports import User

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_USER = User("system:apiserver", ("system:masters",))
_LABELS = {"component": "apiserver", "provider": "kubernetes"}


async def bootstrap(services: Services) -> None:
    """Create what is missing. Raises: ApiError."""
    for name in NAMESPACES:
        await _ensure(services, scheme.NAMESPACES, {"metadata": {"name": name}})
    for name, value in priorityclass.SYSTEM.items():
        await _ensure(services, scheme.PRIORITYCLASSES, _priority(name, value))
    for resource, documents in ((scheme.CLUSTERROLES, policy.ROLES), (scheme.CLUSTERROLEBINDINGS, policy.BINDINGS)):
        for document in documents:
            await _ensure(services, resource, copy.deepcopy(document), current=True)
    address = str(services.settings.service_network[1])
    await _ensure(services, scheme.SERVICES, _service(address))
    if not ipaddress.ip_address(services.settings.advertise).is_loopback:
        # Endpoints never name a loopback address: a pod would reach itself there.
        await _ensure(services, scheme.ENDPOINTSLICES, _slice(services), current=True)
        await _ensure(services, scheme.ENDPOINTS, _endpoints(services), current=True)


async def _ensure(services: Services, resource: Resource, document: Document, *, current: bool = False) -> None:
    """Create an object unless one of its name exists; that one is brought up to date where it must be `current`."""
    metadata = document["metadata"]
    key = ObjectKey(metadata.get("namespace", ""), metadata["name"])
    order = Order(services.strategies[resource], key, _USER)
    found = services.cache.get(resource, key)
    if found is not None:
        if current and meta.annotations(found.document).get(policy.AUTOUPDATE) != "false":
            await services.registry.update(
                order, lambda old: {**old, **document, "metadata": old["metadata"]}, bare_rules()
            )
        return
    document = {"kind": resource.kind, "apiVersion": resource.api_version, **document}
    try:
        await services.registry.create(order, document)
    except ApiError as problem:
        if problem.reason != "AlreadyExists":
            raise


def _priority(name: str, value: int) -> Document:
    text = "Used for system critical pods that must not be moved from their current node."
    if name == "system-cluster-critical":
        text = (
            "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
        )
    return {"metadata": {"name": name}, "value": value, "description": text}


def _service(address: str) -> Document:
    return {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": dict(_LABELS)},
        "spec": {
            "clusterIP": address,
            "clusterIPs": [address],
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        },
    }


def _slice(services: Services) -> Document:
    settings = services.settings
    return {
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {SERVICE_LABEL: "kubernetes"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [settings.advertise], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": settings.port, "protocol": "TCP"}],
    }


def _endpoints(services: Services) -> Document:
    settings = services.settings
    return {
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [
            {
                "addresses": [{"ip": settings.advertise}],
                "ports": [{"name": "https", "port": settings.port, "protocol": "TCP"}],
            }
        ],
    }
