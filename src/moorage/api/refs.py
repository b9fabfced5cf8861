"""Names for things: which resource, which object.

In: text of paths and documents. Out: `Resource` (a row of the catalogue) and `ObjectKey` (one object of it).
`api.scheme` holds the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Document = dict[str, Any]
"""One API object as plain JSON. Never changed after it was stored: a change makes a new one."""


class ObjectKey(NamedTuple):
    """An object within its resource. `namespace` is "" for cluster-scoped resources."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Subresource:
    """One subresource as discovery lists it.

    Args:
        name: last path segment, e.g. `scale`.
        kind: kind of its body, e.g. `Scale`.
        verbs: verbs it takes, e.g. `get`, `patch`, `update`.
        group: API group of the body's kind, where it differs from the parent's.
        version: API version of the body's kind, where it differs from the parent's.
    """

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One row of the resource catalogue: everything discovery and paths need to know of a kind.

    There is one of each, so rows are compared by identity: they are looked up many times in each write.

    Args:
        group: API group, "" for core.
        version: API version, e.g. `v1`.
        plural: path segment, e.g. `statefulsets`.
        kind: e.g. `StatefulSet`.
        namespaced: whether its objects live in a namespace.
        definition: key in the schema package, e.g. `io.k8s.api.apps.v1.StatefulSet`; "" for a custom resource.
        short_names: kubectl abbreviations.
        categories: e.g. `all`.
        verbs: what discovery lists.
        subresources: see `Subresource`.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    definition: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = (
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    )  # fmt: skip
    subresources: tuple[Subresource, ...] = ()

    @property
    def singular(self) -> str:
        """Lower-case kind, the singular name kubectl accepts."""
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        """`apiVersion` of its documents: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """Name in error messages: `pods`, `statefulsets.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the URL path of the collection, or of one object, or of its subresource."""
        parts = [f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        parts += [part for part in (name, subresource) if part]
        return "/".join(parts)


def key_of(document: Mapping[str, Any]) -> ObjectKey:
    """Return the key of a document."""
    metadata = document["metadata"]
    return ObjectKey(metadata.get("namespace", ""), metadata.get("name", ""))


def split_api_version(api_version: str) -> tuple[str, str]:
    """Return (group, version): `apps/v1` → (`apps`, `v1`), `v1` → ("", `v1`)."""
    group, _, version = api_version.rpartition("/")
    return group, version
