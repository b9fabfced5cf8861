"""Keeps the kernel's ruleset in step with the API.

In: shared caches of Services and EndpointSlices. Out: one replaced table for all changes of a moment.
A ruleset the kernel refuses is logged and tried again with the next change, at the latest after `RETRY_SECONDS`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from moorage.api.scheme import ENDPOINTSLICES, SERVICES
from moorage.base.errors import MoorageError
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.informer.cache import Cached
from moorage.informer.shared import SharedCaches
from moorage.informer.slices import BY_SERVICE
from moorage.proxy.balance import Port, ports
from moorage.proxy.ruleset import ruleset

_LOG = logger("proxy")
QUIET_SECONDS = 0.05
"""How long changes are gathered: one run of `nft` takes half of that."""
RETRY_SECONDS = 5.0
Load = Callable[[str], Awaitable[object]]


class Proxy:
    """Service traffic of one machine. Construct it before the caches start.

    Args:
        table: name of the nftables table.
        service_cidr: network of all Services.
        caches: where changes come from.
        clock: for the pause between two rulesets.
        load: hands a ruleset to the kernel. Raises: MoorageError.
    """

    def __init__(self, table: str, service_cidr: str, caches: SharedCaches, clock: Clock, load: Load) -> None:
        self._table = table
        self._service_cidr = service_cidr
        self._caches = caches
        self._clock = clock
        self._load = load
        self._changed = asyncio.Event()
        self._loaded = ""
        caches.require(SERVICES)
        caches.require(ENDPOINTSLICES, [BY_SERVICE])
        for resource in (SERVICES, ENDPOINTSLICES):
            caches.listen(resource, self._note)

    def _note(self, _before: Cached[Any] | None, _after: Cached[Any] | None) -> None:
        self._changed.set()

    async def run(self) -> None:
        """Follow changes until cancelled. Call it once the caches are whole."""
        while True:
            self._changed.clear()
            text = ruleset(self._table, self._service_cidr, self._ports())
            if text != self._loaded:
                await self._replace(text)
            await self._changed.wait()
            await self._clock.sleep(QUIET_SECONDS)

    async def _replace(self, text: str) -> None:
        try:
            await self._load(text)
            self._loaded = text
        except MoorageError as problem:
            _LOG.error("service traffic is not up to date", problem)
            await self._clock.sleep(RETRY_SECONDS)
            self._changed.set()

    def _ports(self) -> list[Port]:
        slices = self._caches.of(ENDPOINTSLICES)
        found = []
        for service in sorted(self._caches.of(SERVICES), key=lambda one: one.key):
            mine = slices.by_index(BY_SERVICE.name, str(service.key))
            found += ports(service.view, [one.view for one in mine])
        return found
