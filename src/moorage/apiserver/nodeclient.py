"""The API server as a client of node agents: TLS with its own certificate, no redirects.

In: URLs made from Node objects. Out: byte streams; an agent's refusal as an ApiError.
"""

import ssl
from collections.abc import AsyncIterator

import aiohttp

from moorage.apiserver import errors
from moorage.base.errors import ApiError

_CONNECT_SECONDS = 5.0
_MAX_REFUSAL_BYTES = 4096


class NodeClient:
    """One pool of connections to agents.

    Args:
        tls: own certificate, authority verified; None where there are no agents.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    @property
    def tls(self) -> ssl.SSLContext:
        """What proves us to agents. Raises: ApiError where there are none."""
        if self._tls is None:
            raise errors.unavailable("this server knows no node agents")
        return self._tls

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """Open a stream of bytes. Raises: ApiError (the agent refused, or cannot be reached)."""
        tls = self.tls
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            response = await self._session.get(url, ssl=tls, allow_redirects=False)
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise errors.unavailable(f"the node's agent cannot be reached: {problem}") from problem
        if response.status != 200:
            raise await _refusal(response)
        return _chunks(response)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async with response:
        async for chunk in response.content.iter_any():
            yield chunk


async def _refusal(response: aiohttp.ClientResponse) -> ApiError:
    async with response:
        text = (await response.content.read(_MAX_REFUSAL_BYTES)).decode("utf-8", "replace").strip()
    if response.status in (400, 404):
        return errors.bad_request(text or "the node's agent refused")
    return errors.internal(f"the node's agent answered {response.status}: {text}")
