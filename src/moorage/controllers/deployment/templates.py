"""Pod templates: when two are the same, and the hash in the name and labels of a replica set.

In: template documents. Out: what is compared, the hash. Source: deploymentutil EqualIgnoreHash, controller.ComputeHash.
"""

import json
from collections.abc import Mapping
from typing import Any

from moorage.api.refs import Document

HASH_LABEL = "pod-template-hash"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_FNV_OFFSET, _FNV_PRIME, _UINT32 = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def bare(template: Mapping[str, Any]) -> Any:
    """Return what of a template is compared: without the hash label, without what is empty."""
    metadata = template.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH_LABEL}
    return _pruned({**template, "metadata": {**metadata, "labels": labels}})


def hash_of(template: Document, collisions: int | None) -> str:
    """Return the hash of a template, in the alphabet of generated names."""
    text = json.dumps(template, sort_keys=True).encode()
    if collisions is not None:
        text += collisions.to_bytes(8, "little")
    value = _FNV_OFFSET
    for byte in text:
        value = (value * _FNV_PRIME & _UINT32) ^ byte
    return "".join(_ALPHABET[ord(digit) % len(_ALPHABET)] for digit in str(value))


def _pruned(value: Any) -> Any:
    """Return a value without nulls and empty parts: Go tells them apart no more than this."""
    if isinstance(value, Mapping):
        kept = {key: _pruned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item not in ({}, [])}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value
