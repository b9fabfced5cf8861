"""Requests to an API server in the same process: no socket, no bytes, the same authorisation and validation.

In: `Request`, an object with the server's two doors. Out: its answers. `assembly` connects the two.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Protocol

from moorage.client.ports import Request, Response, User, WatchEvent


class Server(Protocol):
    """The doors of an API server (`apiserver.core`)."""

    async def call(self, request: Request) -> Response:
        """Answer one request."""
        ...

    def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        """Answer one watch."""
        ...


class InProcess:
    """`Transport` to a server in this process.

    Args:
        server: the server.
        user: in whose name every request is sent; the server authorises it like any other.
    """

    def __init__(self, server: Server, user: User) -> None:
        self._server = server
        self._user = user

    async def call(self, request: Request) -> Response:
        """Send `request`."""
        return await self._server.call(replace(request, user=self._user))

    def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        """Send a watch."""
        return self._server.watch(replace(request, user=self._user))

    async def close(self) -> None:
        """There is nothing to release: the server belongs to the assembly."""
