"""What the server serves: groups, versions, resources, in the three shapes clients ask for.

In: the resources served. Out: documents. Rules: fact sheet apiserver.md findings 5 and section 2.1 (aggregated v2 and v2beta1,
and the old unaggregated lists).
"""

import hashlib
from collections.abc import Iterable, Sequence

from moorage.api.refs import Document, Resource, Subresource
from moorage.apiserver.negotiate import JSON
from moorage.apiserver.stored import encode

_AGGREGATED = "APIGroupDiscoveryList"
_VERSIONS = ("v2", "v2beta1")


class Discovery:
    """Documents about a fixed set of resources.

    Args:
        resources: everything served, stored or not.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._groups: dict[str, dict[str, list[Resource]]] = {}
        for resource in resources:
            self._groups.setdefault(resource.group, {}).setdefault(resource.version, []).append(resource)

    def serves(self, group: str, version: str) -> bool:
        """Return whether anything of a group and version is served."""
        return version in self._groups.get(group, {})

    @property
    def group_versions(self) -> list[tuple[str, str]]:
        """Every (group, version)."""
        return [(group, version) for group, versions in self._groups.items() for version in versions]

    def of_group_version(self, group: str, version: str) -> Sequence[Resource]:
        """Return the resources of a group and version."""
        return self._groups.get(group, {}).get(version, ())

    def core_versions(self, address: str) -> Document:
        """Return `/api`."""
        addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}

    def group_list(self) -> Document:
        """Return `/apis`."""
        groups = [self._group(name) for name in sorted(self._groups) if name]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}

    def group(self, name: str) -> Document | None:
        """Return `/apis/GROUP`, None if there is none."""
        if not name or name not in self._groups:
            return None
        return {"kind": "APIGroup", "apiVersion": "v1", **self._group(name)}

    def resource_list(self, group: str, version: str) -> Document:
        """Return `/apis/GROUP/VERSION`."""
        rows: list[Document] = []
        for resource in self.of_group_version(group, version):
            rows.append(_row(resource))
            rows += [_subresource_row(resource, sub) for sub in resource.subresources]
        name = f"{group}/{version}" if group else version
        document = {"kind": "APIResourceList", "groupVersion": name, "resources": sorted(rows, key=lambda r: r["name"])}
        return {**document, "apiVersion": "v1"} if group else document

    def aggregated(self, *, core: bool, version: str) -> Document:
        """Return everything of `/api` or `/apis` at once.

        Args:
            core: `/api`.
            version: `v2` or `v2beta1`.
        """
        names = [name for name in sorted(self._groups) if (name == "") == core]
        items = [{"metadata": _group_metadata(name), "versions": self._versions(name)} for name in names]
        head = {"kind": _AGGREGATED, "apiVersion": f"apidiscovery.k8s.io/{version}"}
        return {**head, "metadata": {}, "items": items}

    def _group(self, name: str) -> Document:
        versions = [{"groupVersion": f"{name}/{one}", "version": one} for one in self._groups[name]]
        return {"name": name, "versions": versions, "preferredVersion": versions[0]}

    def _versions(self, name: str) -> list[Document]:
        return [
            {
                "version": version,
                "resources": [_aggregated_row(one) for one in sorted(rows, key=lambda one: one.plural)],
                "freshness": "Current",
            }
            for version, rows in self._groups[name].items()
        ]


def aggregated_version(accept: str) -> str:
    """Return the first aggregated version an Accept header asks for before plain JSON, "" for none."""
    for clause in accept.split(","):
        media, *parameters = (part.strip() for part in clause.split(";"))
        given = dict(part.partition("=")[::2] for part in parameters)
        if media != JSON:
            continue
        if given.get("g") == "apidiscovery.k8s.io" and given.get("as") == _AGGREGATED and given.get("v") in _VERSIONS:
            return given["v"]
        if "as" not in given:
            return ""
    return ""


def etag(document: Document) -> str:
    """Return the ETag of a document."""
    return '"' + hashlib.sha256(encode(document)).hexdigest()[:32].upper() + '"'


def _group_metadata(name: str) -> Document:
    return {"name": name, "creationTimestamp": None} if name else {"creationTimestamp": None}


def _row(resource: Resource) -> Document:
    row: Document = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    return row


def _subresource_row(resource: Resource, sub: Subresource) -> Document:
    row: Document = {
        "name": f"{resource.plural}/{sub.name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": sub.kind,
        "verbs": list(sub.verbs),
    }
    if sub.version:
        row |= {"group": sub.group, "version": sub.version}
    return row


def _aggregated_row(resource: Resource) -> Document:
    row: Document = {
        "resource": resource.plural,
        "responseKind": {"group": "", "version": "", "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    if resource.subresources:
        row["subresources"] = [_aggregated_subresource(sub) for sub in resource.subresources]
    return row


def _aggregated_subresource(sub: Subresource) -> Document:
    kind = {"group": sub.group, "version": sub.version, "kind": sub.kind}
    return {"subresource": sub.name, "responseKind": kind, "verbs": list(sub.verbs)}
