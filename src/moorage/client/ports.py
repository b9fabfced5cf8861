"""The transport port: one request, one answer, or one stream of watch events.

In: `Request`. Out: `Response`, `WatchEvent`. Implementations: `client.transports.http` (TLS), and
`client.transports.inprocess` (calls the API server's own entry point: same authorisation, admission and validation,
no bytes encoded or decoded where both sides hold the document).
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from moorage.api.refs import Document


@dataclass(frozen=True, slots=True)
class User:
    """Who asks: the outcome of authentication, the input of authorisation (user and groups as in a certificate)."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, whatever carries it.

    Args:
        method: upper case.
        path: decoded, without query.
        query: in order, repeated names allowed.
        headers: names in lower case.
        body: raw bytes, or a document that is not to be changed by the receiver (in-process only), or None.
        user: set by authentication on the server side; empty on the client side.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Document | None = None
    user: User = field(default_factory=lambda: User("system:anonymous", ("system:unauthenticated",)))

    def param(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def params(self, name: str) -> list[str]:
        """Return every value of a query parameter."""
        return [value for key, value in self.query if key == name]


class WatchEvent(NamedTuple):
    """One event of a watch. `type` is ADDED, MODIFIED, DELETED, BOOKMARK or ERROR; the object is not to be changed."""

    type: str
    object: Document


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer.

    Args:
        code: HTTP status.
        body: raw bytes; or a document (the carrier encodes it if it must); or a byte stream (logs, watches).
        headers: names as sent.
        warnings: texts for `Warning` headers.
    """

    code: int
    body: bytes | Document | AsyncIterator[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Transport(Protocol):
    """What carries requests to an API server."""

    async def call(self, request: Request) -> Response:
        """Send `request`; the body of the answer is a document where it is JSON. Raises: base.errors.Unavailable."""
        ...

    def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        """Send a watch and yield its events until the server or the caller ends it.

        Raises: ApiError (the watch was refused), base.errors.Unavailable (the connection broke).
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
