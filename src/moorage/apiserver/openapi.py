"""OpenAPI documents: v3 per group and version, v2 for everyone else, both from the schema package.

In: definitions and the resources served. Out: JSON bytes, built when first asked for and kept. kubectl needs of v3 the `patch`
operations with their parameters, and of v2 (1.28 and older) only that it parses as protobuf (fact sheet apiserver.md 2.1).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moorage.api.refs import Document, Resource
from moorage.apiserver.discovery import Discovery
from moorage.apiserver.stored import encode

V2_PROTOBUF = bytes((0x0A, 0x03)) + b"2.0" + bytes((0x12, 0x00))
"""The smallest OpenAPI v2 document in protobuf: `swagger: "2.0"`, empty `info`."""
V2_PROTOBUF_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_REF = "#/$defs/"
_GVK = "x-kubernetes-group-version-kind"
_SPECIAL: Mapping[str, Document] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": "string", "format": "int-or-string"},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string"},
}
_PATCH_TYPES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
_WRITE_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation")
_ACTIONS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete", "list": "get", "create": "post"}
_OF_COLLECTION = frozenset({"list", "create"})


class OpenApi:
    """Documents about what is served.

    Args:
        definitions: every schema of one Kubernetes version.
        discovery: what is served.
        version: shown in `info`.
    """

    def __init__(self, definitions: Mapping[str, Any], discovery: Discovery, version: str) -> None:
        self._definitions = definitions
        self._discovery = discovery
        self._version = version
        self._built: dict[str, bytes] = {}

    def index(self) -> Document:
        """Return `/openapi/v3`."""
        paths = {}
        for group, version in self._discovery.group_versions:
            path = f"apis/{group}/{version}" if group else f"api/{version}"
            paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={self.hash_of(group, version)}"}
        return {"paths": paths}

    def hash_of(self, group: str, version: str) -> str:
        """Return what changes whenever the document of a group and version does."""
        rows = self._discovery.of_group_version(group, version)
        return hashlib.sha256(f"{self._version} {len(self._definitions)} {rows}".encode()).hexdigest()[:32].upper()

    def v3(self, group: str, version: str) -> bytes | None:
        """Return the document of a group and version as JSON, None if it is not served."""
        key = f"{group}/{version}"
        if key not in self._built:
            rows = self._discovery.of_group_version(group, version)
            if not rows:
                return None
            self._built[key] = encode(self._document(rows, "#/components/schemas/"))
        return self._built[key]

    def v2(self) -> bytes:
        """Return the whole of it in version 2, as JSON."""
        if "v2" not in self._built:
            definitions = {name: _turned(one, "#/definitions/") for name, one in self._definitions.items()}
            head = {"swagger": "2.0", "info": self._info(), "paths": {}, "definitions": definitions}
            self._built["v2"] = encode(head)
        return self._built["v2"]

    def _info(self) -> Document:
        return {"title": "Kubernetes", "version": self._version}

    def _document(self, rows: Sequence[Resource], prefix: str) -> Document:
        names = self._closure([row.definition for row in rows if row.definition])
        schemas = {name: _SPECIAL.get(name) or _turned(self._definitions[name], prefix) for name in sorted(names)}
        paths = {path: item for row in rows for path, item in _paths(row, prefix)}
        return {"openapi": "3.0.0", "info": self._info(), "paths": paths, "components": {"schemas": schemas}}

    def _closure(self, roots: Sequence[str]) -> set[str]:
        found: set[str] = set()
        waiting = [name for name in roots if name in self._definitions]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += _references(self._definitions[name])
        return found


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_REF)
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _turned(schema: Any, prefix: str) -> Any:
    """Undo what the schema package changed (apiserver.md 1.2): nullable types, enums of kinds, where references point."""
    if isinstance(schema, list):
        return [_turned(value, prefix) for value in schema]
    if not isinstance(schema, dict):
        return schema
    made: Document = {}
    for key, value in schema.items():
        if key == "$ref":
            made[key] = prefix + str(value).removeprefix(_REF)
        elif key == "type" and isinstance(value, list):
            made[key] = next(word for word in value if word != "null")
        elif key == "properties":
            made[key] = {name: _property(name, one, prefix) for name, one in value.items()}
        else:
            made[key] = _turned(value, prefix)
    return made


def _property(name: str, schema: Any, prefix: str) -> Any:
    made = _turned(schema, prefix)
    if name in ("kind", "apiVersion") and isinstance(made, dict):
        made.pop("enum", None)
    return made


def _paths(resource: Resource, prefix: str) -> Iterator[tuple[str, Document]]:
    """Return the collection's path and the object's, with an operation a verb."""
    base = resource.path("{namespace}" if resource.namespaced else "")
    collection = {
        _ACTIONS[verb]: _operation(resource, verb, prefix) for verb in resource.verbs if verb in _OF_COLLECTION
    }
    if collection:
        yield base, collection
    one = {
        _ACTIONS[verb]: _operation(resource, verb, prefix)
        for verb in resource.verbs
        if verb in _ACTIONS and verb not in _OF_COLLECTION
    }
    if one:
        yield f"{base}/{{name}}", one


def _operation(resource: Resource, verb: str, prefix: str) -> Document:
    writes = verb in ("create", "update", "patch")
    names = _WRITE_PARAMETERS if writes else ()
    names = (*names, "force") if verb == "patch" else names
    schema = {"$ref": prefix + resource.definition}
    operation: Document = {
        "x-kubernetes-action": verb,
        _GVK: {"group": resource.group, "version": resource.version, "kind": resource.kind},
        "parameters": [_parameter(name) for name in names],
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}},
    }
    if writes:
        types = _PATCH_TYPES if verb == "patch" else ("application/json",)
        body = {"type": "object"} if verb == "patch" else schema
        operation["requestBody"] = {"content": {one: {"schema": body} for one in types}}
    return operation


def _parameter(name: str) -> Document:
    kind = "boolean" if name == "force" else "string"
    return {"name": name, "in": "query", "schema": {"type": kind, "uniqueItems": True}}
