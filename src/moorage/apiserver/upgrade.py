"""exec, attach and port-forward: after the head, the connection is the node's.

In: a request that wants to upgrade. Out: two sockets spliced raw; the node's own server speaks SPDY/3.1 and WebSocket v4.
What it does not speak (WebSocket v5 alone, the SPDY tunnel) is refused with 403, upon which kubectl silently goes on with
SPDY (facts: runtime 6). Authorisation is that of any other request.
"""

from aiohttp import web

from moorage.apiserver import errors
from moorage.apiserver.core import ApiServer
from moorage.apiserver.stored import encode
from moorage.apiserver.subresources.nodeproxy import locate
from moorage.base.errors import ApiError
from moorage.client.ports import Request
from moorage.client.transports.splice import splice

_UPGRADED = frozenset({"exec", "attach", "portforward"})
_SPOKEN = frozenset({"", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"})
_PROTOCOLS = "sec-websocket-protocol"


def wanted(request: Request) -> bool:
    """Return whether a request is for a subresource that takes over the connection."""
    parts = request.path.rstrip("/").split("/")
    return len(parts) == 8 and parts[5] == "pods" and parts[7] in _UPGRADED


async def handle(raw: web.BaseRequest, request: Request, core: ApiServer) -> web.StreamResponse:
    """Connect the client to its pod's node, or answer why not."""
    try:
        _check(request)
        target = locate(core.admitted(request), core.services)
        return await splice(raw, target.url, core.services.nodes.tls)
    except ApiError as problem:
        return web.Response(status=problem.code, body=encode(problem.status), content_type="application/json")
    except OSError as problem:
        refusal = errors.unavailable(f"the node's agent cannot be reached: {problem}")
        return web.Response(status=refusal.code, body=encode(refusal.status), content_type="application/json")


def _check(request: Request) -> None:
    """Refuse what no node could answer. Raises: ApiError (400, 403)."""
    upgrade = request.headers.get("upgrade", "").lower()
    if "upgrade" not in request.headers.get("connection", "").lower() or not upgrade:
        raise errors.bad_request("Upgrade request required")
    offered = {one.strip() for one in request.headers.get(_PROTOCOLS, "").split(",")}
    if upgrade == "websocket" and not offered & _SPOKEN:
        spoken = ", ".join(sorted(_SPOKEN - {""}))
        raise errors.failure(403, "Forbidden", f"unable to upgrade: no common protocol; this server speaks {spoken}")
