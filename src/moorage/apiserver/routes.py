"""What a request means: which verb, on which resource, in which namespace, by which name.

In: method, path, query. Out: `Route`, or None where the path is none of the API's resources.
Rules: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go; fact sheet apiserver.md section 4 (trailing slashes,
legacy `/watch/` paths).
"""

from collections.abc import Callable
from dataclasses import dataclass

from moorage.api.fields import BadFieldSelector
from moorage.api.fields import parse as parse_fields
from moorage.api.refs import ObjectKey, Resource
from moorage.apiserver import errors
from moorage.client.ports import Request

_TRUE = frozenset({"1", "true", "True", "TRUE", "t", "T"})
_ONE = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_MANY = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}


@dataclass(frozen=True, slots=True)
class Route:
    """What a request asks of one resource.

    Args:
        verb: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`.
        resource: the kind.
        namespace: "" for all namespaces or a cluster-scoped resource.
        name: "" for a collection.
        subresource: "" for the object itself.
        tail: path below the subresource (`proxy` only).
    """

    verb: str
    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    tail: str = ""

    @property
    def key(self) -> ObjectKey:
        """The object named."""
        return ObjectKey(self.namespace, self.name)


Lookup = Callable[[str, str, str], Resource | None]


def is_watch(request: Request) -> bool:
    """Return whether a GET of a collection asks for a watch."""
    return request.param("watch") in _TRUE


def split(path: str) -> list[str] | None:
    """Return the segments of a path; None if it is not canonical (`//`, `.`, `..`, an escaped slash, control characters)."""
    parts = path.strip("/").split("/") if path.startswith("/") else []
    if not parts or any(part in ("", ".", "..") or not part.isprintable() for part in parts):
        return None
    return parts


def parse(request: Request, lookup: Lookup, served: Callable[[str, str], bool]) -> Route | None:
    """Return what a request means, None for a path outside the API's resources.

    Args:
        request: whatever came.
        lookup: (group, version, plural) → resource.
        served: (group, version) → whether anything of it is served.

    Raises:
        ApiError: 404 for an unknown resource, 405 for a method the path does not take.
    """
    parts = split(request.path)
    group_version, rest = _group_version(parts or [])
    if not rest:
        return None
    if not served(*group_version):
        raise errors.no_such_resource()
    forced = rest[0] == "watch" and len(rest) > 1
    rest = rest[1:] if forced else rest
    namespace, rest = _namespace(rest)
    resource = lookup(*group_version, rest[0])
    if resource is None or (namespace and not resource.namespaced):
        raise errors.no_such_resource()
    name, subresource = [*rest[1:3], "", ""][:2]
    if len(rest) > 3 and subresource != "proxy":
        raise errors.no_such_resource()
    _check_subresource(resource, subresource)
    if resource.namespaced and name and not namespace:
        raise errors.no_such_resource()
    verb = _verb(request, name, subresource, forced=forced)
    if verb in ("create", "deletecollection") and resource.namespaced and not namespace:
        raise errors.method_not_allowed()
    return Route(verb, resource, namespace, name, subresource, "/".join(rest[3:]))


def pinned_name(request: Request) -> str:
    """Return the name a list's or watch's field selector pins, "" if none: it counts as the request's name."""
    text = request.param("fieldSelector")
    if "metadata.name" not in text:
        return ""
    try:
        return parse_fields(text).required("metadata.name") or ""
    except BadFieldSelector:
        return ""


def _group_version(parts: list[str]) -> tuple[tuple[str, str], list[str]]:
    if parts[:1] == ["api"]:
        return ("", parts[1] if len(parts) > 1 else ""), parts[2:]
    if parts[:1] == ["apis"] and len(parts) > 2:
        return (parts[1], parts[2]), parts[3:]
    return ("", ""), []


def _namespace(rest: list[str]) -> tuple[str, list[str]]:
    """Take `namespaces/NS` off the front, unless the namespace itself is meant."""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        return rest[1], rest[2:]
    return "", rest


def _check_subresource(resource: Resource, subresource: str) -> None:
    if subresource and all(known.name != subresource for known in resource.subresources):
        raise errors.no_such_resource()


def _verb(request: Request, name: str, subresource: str, *, forced: bool) -> str:
    if forced or (request.method == "GET" and not subresource and is_watch(request)):
        if request.method != "GET":
            raise errors.method_not_allowed()
        return "watch"
    table = _ONE if name else _MANY
    verb = "create" if subresource and request.method == "POST" else table.get(request.method, "")
    if not verb:
        raise errors.method_not_allowed()
    return verb
