"""Files of objects: `-f FILE`, `-f DIRECTORY`, `-f -`, YAML or JSON, several documents a file, Lists unpacked.

In: `-f` arguments. Out: `Manifest`s in order. Errors name the file, as kubectl does.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorage.api import yamltext
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import CATALOGUE
from moorage.base.errors import UserError
from moorage.base.limits import MAX_YAML_BYTES
from moorage.cli import resources
from moorage.cli.resources import Target
from moorage.client.api import Api

_ENDINGS = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of a file.

    Args:
        resource: its kind.
        key: namespace and name.
        document: the object, its namespace filled in.
        source: file it came from.
    """

    resource: Resource
    key: ObjectKey
    document: Document
    source: str

    @property
    def target(self) -> Target:
        """The object as a word of the command line would name it."""
        return Target(self.resource, self.key.name, self.key.namespace)

    def __str__(self) -> str:
        return f"{resources.short(self.resource)}/{self.key.name}"


async def read(api: Api, files: Sequence[str], namespace: str, *, explicit: bool) -> list[Manifest]:
    """Return the objects of all files.

    Args:
        api: asked for kinds that are not in the catalogue.
        files: `-f` arguments.
        namespace: for objects that name none.
        explicit: whether the user named that namespace; objects that name another are then refused.

    Raises:
        UserError: a file is missing or is not what it should be.
    """
    if not files:
        raise UserError("must specify --filename")
    found = [
        await _manifest(api, document, source, (namespace, explicit))
        for file in files
        for path in _paths(file)
        for document, source in _documents(path)
    ]
    if not found:
        raise UserError("no objects passed to apply")
    return found


def _paths(file: str) -> list[str]:
    path = Path(file)
    if file != "-" and path.is_dir():
        inside = sorted(str(entry) for entry in path.iterdir() if entry.suffix in _ENDINGS and entry.is_file())
        if not inside:
            raise UserError(f"{file} has no .yaml, .yml or .json files")
        return inside
    return [file]


def _documents(path: str) -> Iterator[tuple[Document, str]]:
    source = "STDIN" if path == "-" else path
    try:
        for value in yamltext.documents(_text(path)):
            yield from ((document, source) for document in _unpacked(value, source))
    except yamltext.BadYaml as error:
        raise UserError(f"error parsing {source}: error converting YAML to JSON: yaml: {error}") from None


def _text(path: str) -> str:
    if path == "-":
        return sys.stdin.read(MAX_YAML_BYTES + 1)
    try:
        return Path(path).read_text()
    except FileNotFoundError:
        raise UserError(f'the path "{path}" does not exist') from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}") from None


def _unpacked(value: Any, source: str) -> list[Document]:
    if not isinstance(value, dict):
        raise UserError(f"error validating {source}: expected an object, found {type(value).__name__}")
    for field in ("apiVersion", "kind"):
        if not isinstance(value.get(field), str) or not value[field]:
            raise UserError(f'error validating "{source}": error validating data: {field} not set')
    if value["kind"] == "List" and isinstance(value.get("items"), list):
        return [document for item in value["items"] for document in _unpacked(item, source)]
    return [value]


async def _manifest(api: Api, document: Document, source: str, default: tuple[str, bool]) -> Manifest:
    resource = await _resource(api, document, source)
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or not (metadata.get("name") or metadata.get("generateName")):
        raise UserError(f"error when retrieving current configuration from {source}: resource name may not be empty")
    namespace = _namespace(resource, metadata.get("namespace") or "", default)
    if namespace:
        document = {**document, "metadata": {**metadata, "namespace": namespace}}
    return Manifest(resource, ObjectKey(namespace, metadata.get("name") or ""), document, source)


def _namespace(resource: Resource, own: str, default: tuple[str, bool]) -> str:
    namespace, explicit = default
    if not resource.namespaced:
        return ""
    if own and explicit and own != namespace:
        raise UserError(
            f'the namespace from the provided object "{own}" does not match the namespace "{namespace}". '
            f"You must pass '--namespace={own}' to perform this operation."
        )
    return own or namespace


async def _resource(api: Api, document: Document, source: str) -> Resource:
    api_version, kind = document["apiVersion"], document["kind"]
    wanted = (api_version, kind)
    known = next((row for row in CATALOGUE if (row.api_version, row.kind) == wanted), None)
    if known is None:
        known = next((row for row in await resources.discover(api) if (row.api_version, row.kind) == wanted), None)
    if known is None:
        raise UserError(
            f'resource mapping not found for name: "{(document.get("metadata") or {}).get("name", "")}" from '
            f'"{source}": no matches for kind "{kind}" in version "{api_version}"'
        )
    return known
