"""A revision's bytes, hash and name, equal to upstream's to the byte.

In: a pod template document. Out: the revision's `data`, its canonical bytes, its hash, its name.
Source: facts/statefulset.md 1.4; recorded vectors in tests/fixtures/traces/revisions.json.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from moorage.api import safehash
from moorage.api.refs import Document

_NAME_BYTES = 223
"""The set's name is cut to this, so that name, dash and hash fit an object name."""
_EXACT_FLOAT = 2**53
_ESCAPES = (
    (b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"),
    ("\u2028".encode(), b"\\u2028"), ("\u2029".encode(), b"\\u2029"),
)  # fmt: skip
_encoder = msgspec.json.Encoder(order="sorted")


def data_of(template: Mapping[str, Any]) -> Document:
    """Return a revision's `data`: the template as the only content, marked to replace what it is applied to.

    Upstream's type writes `creationTimestamp: null` into every embedded metadata (up to 1.33, which we serve).
    """
    spec = template.get("spec") or {}
    filled: Document = {**template, "metadata": _with_null_time(template.get("metadata"))}
    if any("ephemeral" in volume for volume in spec.get("volumes") or ()):
        filled["spec"] = {**spec, "volumes": [_filled_volume(volume) for volume in spec["volumes"]]}
    return {"spec": {"template": {**filled, "$patch": "replace"}}}


def template_of(data: Mapping[str, Any]) -> Document:
    """Return the template a revision's `data` carries: applying a revision replaces spec.template as a whole."""
    template = (data.get("spec") or {}).get("template") or {}
    return {key: value for key, value in template.items() if key != "$patch"}


def encode(data: Any) -> bytes:
    """Return the canonical bytes: keys sorted, no white space, Go's escapes, numbers as Go prints a float64."""
    return escape(_encoder.encode(_go_numbers(data)))


def escape(text: bytes) -> bytes:
    """Return JSON with the characters escaped that Go escapes for HTML."""
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return text


def hash_of(data: bytes, collisions: int) -> str:
    """Return the hash of `data` followed by the decimal collision count, in the alphabet of generated names."""
    return safehash.fnv1(data + str(collisions).encode())


def name_of(set_name: str, suffix: str) -> str:
    """Return the revision's name."""
    return f"{set_name[:_NAME_BYTES]}-{suffix}"


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two revisions' `data` encode to the same bytes."""
    return one == other


def same_meaning(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two `data` mean the same template although written by different versions.

    Upstream (1.35, #135017) fills in defaults and compares again; a null means an absent field, so dropping nulls
    and empty objects finds the same differences (`creationTimestamp: null`, empty `resources`) without a schema.
    """
    return bool(_pruned(one) == _pruned(other))


def _with_null_time(metadata: Mapping[str, Any] | None) -> Document:
    return {"creationTimestamp": None, **(metadata or {})}


def _filled_volume(volume: Document) -> Document:
    claim = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if claim is None:
        return volume
    filled = {**claim, "metadata": _with_null_time(claim.get("metadata"))}
    return {**volume, "ephemeral": {**volume["ephemeral"], "volumeClaimTemplate": filled}}


def _go_numbers(value: Any) -> Any:
    """Return `value` with numbers as a decode into float64 leaves them."""
    if isinstance(value, Mapping):
        return {key: _go_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_go_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if type(value) is int and abs(value) > _EXACT_FLOAT:
        return int(float(value))
    return value


def _pruned(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _pruned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item != {}}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value
