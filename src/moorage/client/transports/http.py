"""HTTPS for long-lived processes: many requests and watches at once over kept connections.

In: `Request`. Out: `Response`, `WatchEvent`s. One-shot commands use `plain` instead, because importing aiohttp alone takes
as long as they may run.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus

import aiohttp
import msgspec
from yarl import URL

from moorage.base.errors import ApiError, Unavailable
from moorage.client import responses
from moorage.client.ports import Request, Response, WatchEvent

CONNECT_SECONDS = 10.0
CALL_SECONDS = 65.0
"""Longest silence while waiting for an answer; the server itself gives up after 60 s."""
WATCH_SILENCE_SECONDS = 150.0
"""A watch that asked for bookmarks hears something every 60 s; silence longer than this is a dead connection."""
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
_decode = msgspec.json.Decoder().decode


class HttpTransport:
    """`client.ports.Transport` over TLS. Make it inside the event loop that uses it.

    Args:
        server: base URL, e.g. `https://127.0.0.1:6443`.
        tls: context with trust and client certificate; None for plain http.
        token: bearer token, "" for none.
    """

    def __init__(self, server: str, tls: ssl.SSLContext | None, token: str = "") -> None:
        self._server = server.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        connector = aiohttp.TCPConnector(limit=0, ssl=tls if tls is not None else True, keepalive_timeout=60)
        self._session = aiohttp.ClientSession(connector=connector)

    async def call(self, request: Request) -> Response:
        """Send `request`. JSON answers become documents, text answers (logs) a byte stream."""
        answer = await self._send(
            request, aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=_silence(request))
        )
        warnings = tuple(map(warning_text, answer.headers.getall("Warning", ())))
        headers = dict(answer.headers)
        if not answer.content_type.endswith("json") and answer.status < HTTPStatus.BAD_REQUEST:
            return Response(answer.status, self._stream(answer), headers, warnings)
        try:
            data = await answer.read()
        except _BROKEN as problem:
            raise Unavailable(self._text(problem)) from problem
        body = responses.parse_document(data, answer.status) if data else b""
        return Response(answer.status, body, headers, warnings)

    async def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        """Yield the events of a watch until the server ends it."""
        timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=WATCH_SILENCE_SECONDS)
        answer = await self._send(request, timeout)
        try:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise ApiError(responses.parse_document(await answer.read(), answer.status))
            async for line in _lines(answer):
                event = _decode(line)
                yield WatchEvent(event["type"], event["object"])
        except _BROKEN as problem:
            raise Unavailable(f"the watch broke off: {self._text(problem)}") from problem
        finally:
            answer.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _send(self, request: Request, timeout: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        body = msgspec.json.encode(request.body) if isinstance(request.body, dict) else request.body
        headers = {**request.headers, **self._headers}
        try:
            return await self._session.request(
                request.method, self._url(request), data=body, headers=headers, timeout=timeout
            )
        except _BROKEN as problem:
            raise Unavailable(self._text(problem)) from problem

    def _url(self, request: Request) -> URL:
        return URL(self._server).joinpath(request.path.lstrip("/")).with_query(list(request.query))

    async def _stream(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.content.iter_any():
                yield chunk
        except _BROKEN as problem:
            raise Unavailable(f"the stream broke off: {self._text(problem)}") from problem
        finally:
            answer.close()

    def _text(self, problem: BaseException) -> str:
        if isinstance(problem, TimeoutError):
            return f"no answer from {self._server} in time"
        return f"cannot reach {self._server}: {problem or type(problem).__name__}"


def warning_text(header: str) -> str:
    """Return the text of a Warning header, `299 - "text"` (RFC 7234 5.5)."""
    text = header.split(" ", 2)[-1].strip()
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\") if text.startswith('"') else text


def _silence(request: Request) -> float | None:
    """Return how long an answer may stay silent, seconds; a followed log may for ever."""
    return None if request.path.endswith("/log") else CALL_SECONDS


async def _lines(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield lines of any length (StreamReader.readline has a limit)."""
    rest = b""
    async for chunk in answer.content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line:
                yield line
