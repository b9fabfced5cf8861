"""The API on TLS: bytes in, bytes out.

In: connections. Out: calls of `core.ApiServer`. Authentication happens here: certificate or token, then impersonation.
Limits hold before anything is parsed (fact sheet reliability.md E.2, tests 2 and 11): header sizes, body size, slow clients.
HTTP/1.1 only (fact sheet apiserver.md finding 8).
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from moorage.apiserver import errors, upgrade
from moorage.apiserver.auth.authenticator import Authenticator
from moorage.apiserver.core import ApiServer
from moorage.apiserver.stored import encode
from moorage.base.errors import ApiError
from moorage.base.limits import MAX_BODY_BYTES, MAX_HEADER_BYTES, SLOW_CLIENT_SECONDS
from moorage.base.log import logger
from moorage.base.metrics import Metric
from moorage.base.tasks import Tasks
from moorage.client.ports import Request, Response, User

_LOG = logger("apiserver.app")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_KEEPALIVE_SECONDS = 120.0
_STOP_SECONDS = 2.0


class App:
    """The listener.

    Args:
        core: answers.
    """

    def __init__(self, core: ApiServer) -> None:
        self._core = core
        self._authenticator = Authenticator(core.services.tokens)
        self._server = web.Server(
            self._handle,
            request_factory=_request,
            access_log=None,
            # A client that leaves ends its watch at once; writes are shielded below.
            handler_cancellation=True,
            keepalive_timeout=_KEEPALIVE_SECONDS,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )
        self._tasks = Tasks("app", lambda name, problem: _LOG.error("request died", problem, task=name))
        self._listeners: list[asyncio.Server] = []
        self._requests: Metric = core.metrics.counter("apiserver_request_total", "Requests answered.")

    async def start(self, tls: ssl.SSLContext, sockets: Iterable[socket.socket]) -> None:
        """Answer at bound sockets."""
        loop = asyncio.get_running_loop()
        for one in sockets:
            self._listeners.append(await loop.create_server(self._server, sock=one, ssl=tls, backlog=512))

    async def stop(self) -> None:
        """Stop listening, end watches, let other answers under way finish for a moment, close connections."""
        for one in self._listeners:
            one.close()
        self._core.services.cache.end_watches()
        self._server.pre_shutdown()
        await self._server.shutdown(_STOP_SECONDS)

    async def _handle(self, raw: web.BaseRequest) -> web.StreamResponse:
        user = None
        try:
            user = self._authenticator.user_of(raw)
            request = await _read(raw, user)
        except ApiError as problem:
            return await self._send(raw, Response(problem.code, encode(problem.status)))
        if upgrade.wanted(request):
            return await upgrade.handle(raw, request, self._core)
        return await self._send(raw, await self._serve(request))

    async def _serve(self, request: Request) -> Response:
        """A write that began goes on to its end, whether its client waits or not."""
        if request.method in _READS:
            return await self._core.serve(request)
        return await asyncio.shield(self._tasks.start("write", self._core.serve(request)))

    async def _send(self, raw: web.BaseRequest, response: Response) -> web.StreamResponse:
        self._requests.add(verb=raw.method, code=str(response.code))
        headers = self._headers(response)
        if isinstance(response.body, bytes):
            return web.Response(status=response.code, body=response.body, headers=headers)
        if isinstance(response.body, dict):
            return web.Response(status=response.code, body=encode(response.body), headers=headers)
        return await _stream(raw, response.code, headers, response.body)

    def _headers(self, response: Response) -> "list[tuple[str, str]]":
        given = {"Content-Type": "application/json", "Cache-Control": "no-cache, private", **response.headers}
        pairs = [("Audit-Id", self._core.services.ambient.ids.uid()), *given.items()]
        pairs += [("Warning", f'299 - "{_escaped(text)}"') for text in response.warnings]
        return pairs


def _request(*arguments: Any) -> web.BaseRequest:
    """Make a request whose body is bounded; the arguments are aiohttp's own."""
    message, payload, protocol, writer, task = arguments
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY_BYTES)


async def _read(raw: web.BaseRequest, user: User) -> Request:
    """Read the body, bounded in size and time. Raises: ApiError (408, 413)."""
    body = b""
    if raw.can_read_body:
        try:
            async with asyncio.timeout(SLOW_CLIENT_SECONDS):
                body = await raw.read()
        except web.HTTPRequestEntityTooLarge:
            raise _too_large() from None
        except TimeoutError:
            raise errors.failure(408, "Timeout", "the request's body did not arrive in time") from None
        except HttpProcessingError as problem:
            raise errors.bad_request(problem.message) from None
    headers = {key.lower(): value for key, value in raw.headers.items()}
    return Request(raw.method, raw.path, tuple(raw.query.items()), headers, body or None, user)


def _too_large() -> ApiError:
    text = f"Request entity too large: limit is {MAX_BODY_BYTES}"
    return errors.failure(413, "RequestEntityTooLarge", text)


async def _stream(
    raw: web.BaseRequest, code: int, headers: "list[tuple[str, str]]", body: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Send a stream; a client that stops reading for too long is cut off."""
    response = web.StreamResponse(status=code)
    for key, value in headers:
        response.headers.add(key, value)
    response.enable_chunked_encoding()
    try:
        await response.prepare(raw)
        async for chunk in body:
            if chunk:
                async with asyncio.timeout(SLOW_CLIENT_SECONDS):
                    await response.write(chunk)
        await response.write_eof()
    except (ConnectionError, TimeoutError):
        _LOG.debug("stream ended by its client", path=raw.path)
        if raw.transport is not None:
            raw.transport.abort()
    finally:
        closing = getattr(body, "aclose", None)
        if closing is not None:
            await closing()
    return response


def _escaped(text: str) -> str:
    """Return a warning as a quoted string of one line."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
