"""JSON merge patch (RFC 7386).

In: a document and a patch object. Out: a new document. One difference to the RFC, as upstream's library has it: nulls
inside lists of the patch are dropped too.
"""

from typing import Any

from moorage.api import decode, gojson
from moorage.api.patch.errors import PatchError
from moorage.api.refs import Document

_TARGET = "Go value of type map[string]interface {}"


def parse(body: bytes) -> Document:
    """Return the patch of a request body.

    Raises:
        PatchError: not a JSON object.
    """
    try:
        value = decode.parse_json(body)
    except decode.BadDocument as problem:
        raise PatchError("BadRequest", f"error decoding patch: {problem.text}") from problem
    if value is None:
        raise PatchError("BadRequest", "Invalid JSON Patch")
    if not isinstance(value, dict):
        text = f"error decoding patch: json: cannot unmarshal {gojson.kind_of(value)} into {_TARGET}"
        raise PatchError("BadRequest", text)
    return value


def apply(document: Document, patch: Document) -> Document:
    """Return the document with the patch merged in; both stay as they are."""
    made = dict(document)
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        elif isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = apply(made[key], value)
        else:
            made[key] = _without_nulls(value)
    return made


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value
