"""Cluster DNS of one process: zone, feed and server, and the note that tells this machine where to ask.

In: shared caches, addresses to listen on. Out: a running server, `run/dns.json`.
"""

import json
from pathlib import Path

from moorage.assembly.pki import write_private
from moorage.base.errors import UserError
from moorage.base.ports import Clock, Ids
from moorage.dns.feed import Feed
from moorage.dns.forward import Forwarder, resolvers
from moorage.dns.server import DnsServer
from moorage.dns.zone import Zone
from moorage.informer.shared import SharedCaches

RESOLV_CONF = Path("/etc/resolv.conf")
DNS_PORT = 53
NOTE = "dns.json"


class NameServer:
    """DNS for the pods of this machine, and for `moor dig`. Construct it before the caches start.

    Args:
        domain: zone.
        caches: Services and slices.
        clock: for the SOA serial.
        ids: for message ids toward resolvers.
        own: our own addresses, never asked as resolvers.
    """

    def __init__(self, domain: str, caches: SharedCaches, clock: Clock, ids: Ids, own: str) -> None:
        zone = Zone(domain)
        self._feed = Feed(zone, caches)
        text = RESOLV_CONF.read_text() if RESOLV_CONF.exists() else ""
        self._server = DnsServer(zone, Forwarder(resolvers(text, [own]), ids), clock)

    async def start(self, host: str, port: int, run: Path) -> None:
        """Listen, and leave the note. Raises: UserError where the address is taken."""
        try:
            bound = await self._server.start(host, port)
        except OSError as error:
            raise UserError(f"cannot serve DNS at {host}:{port}: {error.strerror}") from None
        write_private(run / NOTE, json.dumps({"host": host, "port": bound}).encode())

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()
