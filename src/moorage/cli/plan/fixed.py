"""Fields that a manifest changes and Kubernetes does not let change: by path, from what to what. Pure.

In: the live object, the manifest. Out: one line a field. A manifest that moorage takes all the same (`docs/deviations.md`)
is told here, too: elsewhere it is refused. Rules: strategies and validation upstream (pkg/apis/*/validation).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moorage.api import quantity
from moorage.api.refs import Document

MAX_SHOWN = 60
"""Longest text of a value, characters."""
Path = tuple[str, ...]
_EVERYTHING: tuple[Path, ...] = ((),)
_SELECTOR: tuple[Path, ...] = (("selector",),)
FIXED: Mapping[str, tuple[tuple[Path, ...], tuple[Path, ...]]] = {
    "StatefulSet": (
        _EVERYTHING,
        (
            ("replicas",), ("ordinals",), ("template",), ("updateStrategy",),
            ("persistentVolumeClaimRetentionPolicy",), ("minReadySeconds",),
        ),
    ),
    "Deployment": (_SELECTOR, ()),
    "ReplicaSet": (_SELECTOR, ()),
    "DaemonSet": (_SELECTOR, ()),
    "PersistentVolumeClaim": (_EVERYTHING, (("resources", "requests"), ("volumeAttributesClassName",))),
}  # fmt: skip
"""By kind: what is fixed below `spec`, and what of that may change all the same."""


def fixed_fields(live: Document, wanted: Document) -> list[str]:
    """Return the fields that cannot change, e.g. `spec.serviceName: "web" -> "db"`.

    Args:
        live: as the API has it, defaults included.
        wanted: the manifest; what it does not say stays.
    """
    fixed, free = FIXED.get(str(wanted.get("kind")), ((), ()))
    found = _differences(live.get("spec"), wanted.get("spec"), ())
    return [
        f"{_name(path)}: {_shown(old)} -> {_shown(new)}"
        for path, old, new in found
        if any(path[: len(one)] == one for one in fixed) and not any(path[: len(one)] == one for one in free)
    ]


def _differences(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in new.items():
            yield from _differences(old.get(key), value, (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differences(before, after, (*path, f"[{index}]"))
    elif not _same(old, new):
        yield path, old, new


def _same(old: Any, new: Any) -> bool:
    if old == new or (old is None and new in ({}, [], "")):
        return True
    try:
        return quantity.parse(str(old)) == quantity.parse(str(new))
    except quantity.BadQuantity:
        return False


def _name(path: Path) -> str:
    return "spec" + "".join(part if part.startswith("[") else f".{part}" for part in path)


def _shown(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, separators=(", ", ": "))
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
