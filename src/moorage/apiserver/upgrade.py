"""exec, attach and port-forward: after the head, the connection is the node's.

In: a request that wants to upgrade. Out: two sockets spliced raw. Filled in by `splice`.
"""

from aiohttp import web

from moorage.apiserver import errors
from moorage.apiserver.core import ApiServer
from moorage.apiserver.stored import encode
from moorage.client.ports import Request

_UPGRADED = frozenset({"exec", "attach", "portforward"})


def wanted(request: Request) -> bool:
    """Return whether a request is for a subresource that takes over the connection."""
    parts = request.path.rstrip("/").split("/")
    return len(parts) == 8 and parts[5] == "pods" and parts[7] in _UPGRADED


async def handle(_raw: web.BaseRequest, _request: Request, _core: ApiServer) -> web.StreamResponse:
    """Splice."""
    return web.Response(status=501, body=encode(errors.unavailable("not yet").status))
