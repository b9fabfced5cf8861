"""Pod templates: when two are the same.

In: template documents. Out: what is compared. Source: deploymentutil EqualIgnoreHash.
"""

from collections.abc import Mapping
from typing import Any

HASH_LABEL = "pod-template-hash"


def bare(template: Mapping[str, Any]) -> Any:
    """Return what of a template is compared: without the hash label, without what is empty."""
    metadata = template.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH_LABEL}
    return _pruned({**template, "metadata": {**metadata, "labels": labels}})


def _pruned(value: Any) -> Any:
    """Return a value without nulls and empty parts: upstream tells them apart no more than this."""
    if isinstance(value, Mapping):
        kept = {key: _pruned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item not in ({}, [])}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value
