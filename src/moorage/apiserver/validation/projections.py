"""Validation of files made from keys, fields and tokens inside volumes.

In: items of secret, configMap, downwardAPI and projected volumes. Out: errors. Rules: pkg/apis/core/validation.
"""

from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import downward, paths
from moorage.apiserver.validation.errors import forbidden, invalid, required

_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 1 << 32
_KINDS = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle")
_CLASH = "conflicting duplicate paths"


def keys_to_paths(path: str, given: list[Document]) -> list[FieldError]:
    """Check which key becomes which file."""
    return [error for where, item in indexed(path, given) for error in _key_to_path(where, item)]


def _key_to_path(path: str, item: Document) -> list[FieldError]:
    found = [required(f"{path}.{key}") for key in ("key", "path") if not item.get(key)]
    found += paths.not_reserved(f"{path}.path", item.get("path", ""))
    return found + paths.file_mode(f"{path}.mode", item.get("mode"))


def downward_file(path: str, item: Document) -> list[FieldError]:
    """Check one file of the downward API; upstream leaves its index out of the path."""
    found = [] if item.get("path") else [required(f"{path}.path")]
    found += paths.not_reserved(f"{path}.path", item.get("path", ""))
    if "fieldRef" in item:
        found += downward.field(f"{path}.fieldRef", item["fieldRef"], downward.VOLUME_FIELDS)
        if "resourceFieldRef" in item:
            text = "fieldRef and resourceFieldRef can not be specified simultaneously"
            found.append(invalid(path, "resource", text))
    elif "resourceFieldRef" in item:
        found += downward.resource(f"{path}.resourceFieldRef", item["resourceFieldRef"], of_volume=True)
    else:
        found.append(required(path, "one of fieldRef and resourceFieldRef is required"))
    return found + paths.file_mode(f"{path}.mode", item.get("mode"))


def projected(path: str, volume: Document) -> list[FieldError]:
    """Check the sources of a projected volume; no two may write the same file."""
    found: list[FieldError] = []
    taken: set[str] = set()
    for where, source in indexed(f"{path}.sources", items(volume, "sources")):
        present = [kind for kind in _KINDS if kind in source]
        for index, kind in enumerate(present):
            if index:
                found.append(forbidden(where, "may not specify more than 1 volume type per source"))
            else:
                found += _source(f"{where}.{kind}", kind, source[kind])
                found += _clashes(path, source[kind], taken)
        if not present:
            found.append(required(where, "must specify a source"))
    return found


def _source(path: str, kind: str, source: Document) -> list[FieldError]:
    if kind in ("secret", "configMap"):
        found = [] if source.get("name") else [required(f"{path}.name")]
        return found + keys_to_paths(f"{path}.items", items(source, "items"))
    if kind == "downwardAPI":
        return [error for item in items(source, "items") for error in downward_file(path, item)]
    return _token(path, source) if kind == "serviceAccountToken" else []


def _token(path: str, source: Document) -> list[FieldError]:
    found = []
    seconds = source.get("expirationSeconds", 0)
    if seconds < _SHORTEST_TOKEN:
        found.append(invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"))
    if seconds > _LONGEST_TOKEN:
        text = "may not specify a duration larger than 2^32 seconds"
        found.append(invalid(f"{path}.expirationSeconds", seconds, text))
    if not source.get("path"):
        return [*found, required(f"{path}.path")]
    return found + paths.not_reserved(f"{path}.path", source["path"])


def _clashes(path: str, source: Document, taken: set[str]) -> list[FieldError]:
    """Return an error for each file another source writes already; note the others as taken."""
    found = []
    files = [item.get("path", "") for item in items(source, "items")] or [source.get("path", "")]
    for file in filter(None, files):
        if file in taken:
            found.append(invalid(path, source.get("name") or file, _CLASH))
        taken.add(file)
    return found
