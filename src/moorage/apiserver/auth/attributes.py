"""What a request wants to do, as authorisation sees it.

In: requests and routes. Out: `Attributes`, and the 403 that refuses them in upstream's words.
"""

from dataclasses import dataclass

from moorage.api.fields import BadFieldSelector, FieldSelector
from moorage.api.fields import parse as parse_fields
from moorage.apiserver import errors
from moorage.apiserver.routes import Route
from moorage.base.errors import ApiError
from moorage.client.ports import Request, User


@dataclass(frozen=True, slots=True)
class Attributes:
    """One thing somebody wants to do.

    Args:
        verb: `get`, `list` …; for a path the method in lower case.
        group: API group.
        resource: plural.
        subresource: "" for the object itself.
        namespace: "" for all, or a cluster-scoped resource.
        name: "" for a collection; the name a field selector pins counts.
        path: of a request outside the resources, else "".
        fields: field selector of a list or watch.
    """

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    fields: FieldSelector = FieldSelector()  # noqa: RUF009  # frozen and empty

    @property
    def kind(self) -> str:
        """Resource and subresource as rules name them: `pods/log`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def of_route(request: Request, route: Route) -> Attributes:
    """Return what a request to a resource wants."""
    selector = _selector(request) if route.verb in ("list", "watch", "deletecollection") else FieldSelector()
    name = route.name or selector.required("metadata.name") or ""
    resource = route.resource
    return Attributes(
        route.verb, resource.group, resource.plural, route.subresource, route.namespace, name, "", selector
    )


def of_path(request: Request) -> Attributes:
    """Return what a request outside the resources wants."""
    return Attributes(request.method.lower(), path=request.path)


def refusal(user: User, wanted: Attributes, reason: str = "") -> ApiError:
    """Return the 403."""
    end = f": {reason}" if reason else ""
    if wanted.path:
        message = f'forbidden: User "{user.name}" cannot {wanted.verb} path "{wanted.path}"{end}'
        return errors.failure(403, "Forbidden", message, {})
    name = wanted.name
    qualified = f"{wanted.resource}.{wanted.group}" if wanted.group else wanted.resource
    about = f'{qualified} "{name}"' if name else qualified
    where = f'in the namespace "{wanted.namespace}"' if wanted.namespace else "at the cluster scope"
    message = (
        f'{about} is forbidden: User "{user.name}" cannot {wanted.verb} resource "{wanted.kind}" '
        f'in API group "{wanted.group}" {where}{end}'
    )
    details = {"name": name, "group": wanted.group, "kind": wanted.resource}
    return errors.failure(403, "Forbidden", message, {key: value for key, value in details.items() if value})


def _selector(request: Request) -> FieldSelector:
    try:
        return parse_fields(request.param("fieldSelector"))
    except BadFieldSelector:
        return FieldSelector()
