"""HTTPS with nothing but the standard library: for one-shot commands, whose start-up counts more than their concurrency.

In: `Request`. Out: `Response`, `WatchEvent`. One connection, used one request at a time, blocking: never inside a server.
Importing aiohttp alone costs more than a whole `moor get pods` may take, so long-lived processes use `http`, the command
line this.
"""

import http.client
import json
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from moorage.base.errors import ApiError, Unavailable
from moorage.client import responses
from moorage.client.ports import Request, Response, WatchEvent

CONNECT_SECONDS = 10.0
CHUNK_BYTES = 65536


class PlainTransport:
    """`client.ports.Transport` over one blocking connection.

    Args:
        server: base URL, e.g. `https://127.0.0.1:6443`.
        tls: context with trust and client certificate; None for plain http.
        token: bearer token, "" for none.
    """

    def __init__(self, server: str, tls: ssl.SSLContext | None, token: str = "") -> None:
        self._url = urlsplit(server)
        self._tls = tls
        self._token = token
        self._idle: http.client.HTTPConnection | None = None

    async def call(self, request: Request) -> Response:
        """Send `request`. JSON answers become documents, text answers (logs) a byte stream."""
        connection, answer = self._send(request)
        headers = dict(answer.getheaders())
        warnings = tuple(_warning(value) for value in answer.headers.get_all("Warning") or ())
        if not answer.headers.get_content_type().endswith("json") and answer.status < HTTPStatus.BAD_REQUEST:
            return Response(answer.status, _stream(connection, answer), headers, warnings)
        data = answer.read()
        self._idle = connection
        body: Any = responses.parse_document(data, answer.status) if data else b""
        return Response(answer.status, body, headers, warnings)

    async def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        """Yield the events of a watch until the server ends it."""
        connection, answer = self._send(request)
        try:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise ApiError(responses.parse_document(answer.read(), answer.status))
            async for line in _lines(answer):
                event = json.loads(line)
                yield WatchEvent(event["type"], event["object"])
        finally:
            connection.close()

    async def close(self) -> None:
        """Close the connection."""
        if self._idle is not None:
            self._idle.close()

    def _send(self, request: Request) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        headers = {**request.headers, **({"authorization": f"Bearer {self._token}"} if self._token else {})}
        body = request.body if not isinstance(request.body, dict) else json.dumps(request.body).encode()
        connection, self._idle = self._idle or self._connect(), None
        try:
            connection.request(request.method, target(request), body, headers)
            return connection, connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Unavailable(self._unreachable(error)) from None

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "localhost", self._url.port
        connection: http.client.HTTPConnection
        if self._tls is None:
            connection = http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)
        else:
            connection = http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=self._tls)
        try:
            connection.connect()
        except OSError as error:
            raise Unavailable(self._unreachable(error)) from None
        connection.sock.settimeout(None)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _unreachable(self, error: Exception) -> str:
        if isinstance(error, ConnectionRefusedError):
            return (
                f"The connection to the server {self._url.netloc} was refused - "
                "did you specify the right host or port? Start a cluster with: moor up"
            )
        return f"Unable to connect to the server {self._url.netloc}: {error}"


def target(request: Request) -> str:
    """Return path and query as they go over the wire."""
    path = quote(request.path)
    return f"{path}?{urlencode(request.query)}" if request.query else path


async def _stream(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> AsyncIterator[bytes]:
    try:
        while chunk := answer.read1(CHUNK_BYTES):
            yield chunk
    finally:
        connection.close()


async def _lines(answer: http.client.HTTPResponse) -> AsyncIterator[bytes]:
    try:
        while line := answer.readline():
            yield line
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"the watch broke off: {error}") from None


def _warning(header: str) -> str:
    """Return the text of a Warning header, `299 - "text"` (RFC 7234 5.5)."""
    text = header.split(" ", 2)[-1].strip()
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\") if text.startswith('"') else text
