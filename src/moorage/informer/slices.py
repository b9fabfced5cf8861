"""EndpointSlices by the Service they belong to: an index that DNS and service traffic share.

In: cached slices. Out: `BY_SERVICE`, keyed by `namespace/name` of the Service.
"""

from collections.abc import Iterable
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import ENDPOINTSLICES
from moorage.api.views.network import SERVICE_LABEL
from moorage.informer.cache import Cached, Index


def services_of(one: Cached[Any]) -> Iterable[str]:
    """Return the key of a slice's Service, if it names one."""
    name = one.view.metadata.labels.get(SERVICE_LABEL)
    return [str(ObjectKey(one.key.namespace, name))] if name else []


BY_SERVICE = Index("slices-of-service", ENDPOINTSLICES, services_of)
