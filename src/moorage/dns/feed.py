"""Keeps the zone in step with the API: every change of a Service or its slices replaces that Service's records at once.

In: shared caches of Services and EndpointSlices. Out: `Zone.replace`. No queue and no timer in between: a record answers
as soon as the change has reached this process.
"""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import ENDPOINTSLICES, SERVICES
from moorage.dns.zone import Zone
from moorage.informer.cache import Cached
from moorage.informer.shared import SharedCaches
from moorage.informer.slices import BY_SERVICE, services_of


class Feed:
    """Follows the caches. Construct it before they start.

    Args:
        zone: what is kept in step.
        caches: where changes come from.
    """

    def __init__(self, zone: Zone, caches: SharedCaches) -> None:
        self._zone = zone
        self._caches = caches
        caches.require(SERVICES)
        caches.require(ENDPOINTSLICES, [BY_SERVICE])
        caches.listen(SERVICES, self._service_changed)
        caches.listen(ENDPOINTSLICES, self._slice_changed)

    def _service_changed(self, before: Cached[Any] | None, after: Cached[Any] | None) -> None:
        one = after or before
        if one is not None:
            self._replace(one.key)

    def _slice_changed(self, before: Cached[Any] | None, after: Cached[Any] | None) -> None:
        keys = {text for one in (before, after) if one is not None for text in services_of(one)}
        for text in keys:
            namespace, _, name = text.partition("/")
            self._replace(ObjectKey(namespace, name))

    def _replace(self, key: ObjectKey) -> None:
        service = self._caches.of(SERVICES).get(key)
        slices = self._caches.of(ENDPOINTSLICES).by_index(BY_SERVICE.name, str(key))
        self._zone.replace(key, service.view if service else None, [one.view for one in slices])
