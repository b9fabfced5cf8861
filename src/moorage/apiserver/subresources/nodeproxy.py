"""`pods/log`, `exec`, `attach`, `portforward`: questions only the pod's node can answer.

In: a request to a pod's subresource. Out: where to ask (`Target`); for logs the stream itself. `upgrade` splices the others.
Paths are those of a kubelet: `/containerLogs/NS/POD/CONTAINER`, `/exec/NS/POD/CONTAINER`, `/attach/…`, `/portForward/NS/POD`.
The address comes from the Node object alone, never from the client (fact sheet reliability.md E.2, test 44).
"""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, urlencode

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey
from moorage.apiserver import errors
from moorage.apiserver.answers import Answer, Text
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import items, part

_PATHS = {"log": "containerLogs", "exec": "exec", "attach": "attach", "portforward": "portForward"}
_LOG_PARAMETERS = frozenset(
    {"follow", "previous", "sinceSeconds", "sinceTime", "tailLines", "timestamps", "limitBytes", "stream"}
)
_CONTAINER_KINDS = ("initContainers", "containers", "ephemeralContainers")
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class Target(NamedTuple):
    """Where a node answers.

    Args:
        host: the node's internal address.
        port: of its agent.
        path: with query.
    """

    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The whole address."""
        return f"https://{self.host}:{self.port}{self.path}"


async def log(call: Call, services: Services) -> Answer:
    """Stream a container's log. Raises: ApiError."""
    target = locate(call, services)
    stream = await services.nodes.stream(target.url)
    return Text(stream, 200, {"Content-Type": "text/plain"})


def locate(call: Call, services: Services) -> Target:
    """Return where a pod's node answers a request. Raises: ApiError."""
    pod = services.registry.get(call.order()).document
    spec = part(pod, "spec")
    name, namespace = call.route.name, call.route.namespace
    steps = [_PATHS[call.route.subresource], namespace, name]
    if call.route.subresource != "portforward":
        steps.append(_container(call, pod))
    node = spec.get("nodeName")
    if not node:
        raise errors.bad_request(f"pod {name} does not have a host assigned")
    host, port = _address(services, node)
    query = [pair for pair in call.request.query if pair[0] != "container"]
    if call.route.subresource == "log":
        query = [pair for pair in query if pair[0] in _LOG_PARAMETERS]
    path = "/" + "/".join(quote(step, safe="") for step in steps)
    return Target(host, port, f"{path}?{urlencode(query)}" if query else path)


def _address(services: Services, node: str) -> tuple[str, int]:
    stored = services.cache.get(scheme.NODES, ObjectKey("", node))
    if stored is None:
        raise errors.not_found(scheme.NODES, node)
    status = part(stored.document, "status")
    addresses = items(status, "addresses")
    host = next((one["address"] for one in addresses if one.get("type") == "InternalIP"), "")
    port = part(status, "daemonEndpoints", "kubeletEndpoint").get("Port") or 0
    if not host or not port:
        raise errors.unavailable(f'node "{node}" has no agent that can be reached')
    return host, port


def _container(call: Call, pod: Document) -> str:
    """Return the container meant; only one, or the annotated one, goes without saying. Raises: ApiError (400)."""
    names = {kind: [one["name"] for one in items(pod, "spec", kind)] for kind in _CONTAINER_KINDS}
    everyone = [name for kind in _CONTAINER_KINDS for name in names[kind]]
    asked = call.request.param("container")
    pod_name = call.route.name
    if asked:
        if asked not in everyone:
            raise errors.bad_request(f"container {asked} is not valid for pod {pod_name}")
        return asked
    if len(names["containers"]) == 1:
        only: str = names["containers"][0]
        return only
    chosen = (part(pod, "metadata", "annotations")).get(DEFAULT_CONTAINER, "")
    if chosen in everyone and chosen:
        return str(chosen)
    text = f"a container name must be specified for pod {pod_name}, choose one of: {_listed(names['containers'])}"
    if names["initContainers"]:
        text += f" or one of the init containers: {_listed(names['initContainers'])}"
    raise errors.bad_request(text)


def _listed(names: Iterable[str]) -> str:
    return f"[{' '.join(names)}]"
