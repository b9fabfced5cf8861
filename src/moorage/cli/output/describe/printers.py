"""Which printer describes which kind.

In: a kind. Out: its printer; `generic` for kinds without one of their own.
"""

from collections.abc import Callable, Sequence
from typing import Final

from moorage.api.refs import Document
from moorage.cli.output.describe import (
    configmap,
    daemonset,
    deployment,
    endpoints,
    endpointslice,
    events,
    generic,
    namespace,
    node,
    persistentvolume,
    persistentvolumeclaim,
    pod,
    poddisruptionbudget,
    replicaset,
    resourcequota,
    secret,
    service,
    serviceaccount,
    statefulset,
    storageclass,
)
from moorage.cli.output.describe.sheet import Around, Sheet

Printer = Callable[[Sheet, Document, Around], None]
PRINTERS: Final[dict[str, Printer]] = {
    "ConfigMap": configmap.write,
    "DaemonSet": daemonset.write,
    "Deployment": deployment.write,
    "Endpoints": endpoints.write,
    "EndpointSlice": endpointslice.write,
    "Namespace": namespace.write,
    "Node": node.write,
    "PersistentVolume": persistentvolume.write,
    "PersistentVolumeClaim": persistentvolumeclaim.write,
    "Pod": pod.write,
    "PodDisruptionBudget": poddisruptionbudget.write,
    "ReplicaSet": replicaset.write,
    "ResourceQuota": resourcequota.write,
    "Secret": secret.write,
    "Service": service.write,
    "ServiceAccount": serviceaccount.write,
    "StatefulSet": statefulset.write,
    "StorageClass": storageclass.write,
}
WITHOUT_EVENTS: Final = ("Namespace", "ResourceQuota", "Secret")
"""Kinds whose description has no table of events."""


def describe(document: Document, around: Around, found: Sequence[Document] | None) -> str:
    """Return the description of an object.

    Args:
        document: the object.
        around: the present, and what the printer looks at besides.
        found: its events; None leaves them out.
    """
    sheet = Sheet()
    PRINTERS.get(document["kind"], generic.write)(sheet, document, around)
    if found is not None and document["kind"] not in WITHOUT_EVENTS:
        events.write(sheet, found, around)
    return sheet.aligned()
