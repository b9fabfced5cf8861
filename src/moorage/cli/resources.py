"""Words for resources: `po`, `pods,svc`, `sts/web`, `statefulsets.apps`, `all`.

In: the positional words of a verb. Out: `Target`s. Names of our catalogue cost no request; any other is asked of discovery.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from moorage.api.refs import Resource, Subresource
from moorage.api.scheme import CATALOGUE
from moorage.base.errors import UserError
from moorage.client.api import Api
from moorage.client.ports import Request

_DISCOVERY = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")
)


@dataclass(frozen=True, slots=True)
class Target:
    """A resource, and a name within it; "" is the whole collection. `namespace` only where it is not the context's."""

    resource: Resource
    name: str = ""
    namespace: str = ""

    def within(self, namespace: str) -> str:
        """Return the namespace to ask, where `namespace` is the context's: "" for all, and for kinds without any."""
        return (self.namespace or namespace) if self.resource.namespaced else ""


def short(resource: Resource) -> str:
    """Return how kubectl writes a kind before a name: `pod`, `statefulset.apps`."""
    return f"{resource.singular}.{resource.group}" if resource.group else resource.singular


async def targets(api: Api, words: Sequence[str]) -> list[Target]:
    """Return what the words name: `TYPE[,TYPE…] [NAME…]` or `TYPE/NAME…`. Raises: UserError."""
    if not words:
        raise UserError(
            'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of '
            "supported resources."
        )
    if any("/" in word for word in words):
        return [await _slashed(api, word) for word in words]
    found = [resource for word in words[0].split(",") for resource in await resolve(api, word)]
    return [Target(resource, name) for resource in found for name in words[1:] or [""]]


async def resolve(api: Api, word: str) -> list[Resource]:
    """Return the resources a word means; a category means several. Raises: UserError."""
    found = _matching(CATALOGUE, word)
    if not found or word in ("all",):
        found = _matching(await discover(api), word) or found
    if not found:
        raise UserError(f'the server doesn\'t have a resource type "{word}"')
    return found


async def discover(api: Api) -> list[Resource]:
    """Return every resource the server has, in its order."""
    found: list[Resource] = []
    for path in ("/api", "/apis"):
        listing = await api.send(Request("GET", path, (), {"accept": _DISCOVERY}))
        found += [
            _discovered(group["metadata"].get("name", ""), version["version"], row)
            for group in listing.get("items", ())
            for version in group["versions"][:1]
            for row in version.get("resources", ())
        ]
    return found


def _discovered(group: str, version: str, row: dict[str, object]) -> Resource:
    kind = row.get("responseKind")
    subresources = row.get("subresources")
    return Resource(
        group,
        version,
        str(row["resource"]),
        str(kind.get("kind", "")) if isinstance(kind, dict) else "",
        row.get("scope") == "Namespaced",
        short_names=_words(row.get("shortNames")),
        categories=_words(row.get("categories")),
        verbs=_words(row.get("verbs")),
        subresources=tuple(
            Subresource(str(one.get("subresource", "")), "", _words(one.get("verbs")))
            for one in (subresources if isinstance(subresources, list) else ())
        ),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _matching(resources: Sequence[Resource], word: str) -> list[Resource]:
    """Return the resources of a category, or the one of a name with or without group and version."""
    lower = word.lower()
    listed = [row for row in resources if lower in row.categories and "list" in row.verbs]
    if listed:
        return listed
    name, _, rest = lower.partition(".")
    named = [row for row in resources if name in (row.plural, row.singular, *row.short_names) and _in_group(row, rest)]
    return named[:1]


def _in_group(resource: Resource, rest: str) -> bool:
    versioned = f"{resource.version}.{resource.group}".rstrip(".")
    return rest in ("", resource.group, versioned)


async def _slashed(api: Api, word: str) -> Target:
    kind, _, name = word.partition("/")
    if not kind or not name:
        raise UserError(
            "arguments in resource/name form must have a single resource and name; "
            f"{word!r} is not of the form TYPE/NAME, e.g. sts/web"
        )
    return Target((await resolve(api, kind))[0], name)
