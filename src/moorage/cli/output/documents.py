"""Whole objects as kubectl prints them: YAML, JSON, names.

In: documents. Out: text. Keys are sorted, and managedFields left out unless asked for, as kubectl does.
"""

import json
from typing import Any

from moorage.api.refs import Document

_OLD_BOOLEANS = ("y", "Y", "n", "N")
"""Booleans of YAML 1.1 that PyYAML reads as text, other readers as booleans."""


def without_managed_fields(document: Document) -> Document:
    """Return a document without `metadata.managedFields`, items of a List included."""
    if isinstance(document.get("items"), list):
        return {**document, "items": [without_managed_fields(item) for item in document["items"]]}
    if "managedFields" not in (document.get("metadata") or {}):
        return document
    metadata = {key: value for key, value in document["metadata"].items() if key != "managedFields"}
    return {**document, "metadata": metadata}


def as_json(document: Any) -> str:
    """Return indented JSON."""
    return json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False)


def as_yaml(document: Any) -> str:
    """Return block-style YAML."""
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C dumper has no type
        """The safe dumper without aliases, and with literal blocks for texts of several lines."""

        def ignore_aliases(self, _data: Any) -> bool:
            return True

    Dumper.add_representer(str, _text)
    return str(yaml.dump(document, Dumper=Dumper, allow_unicode=True, width=10**9)).rstrip("\n")


def _text(dumper: Any, value: str) -> Any:
    """Choose quotes as kubectl's YAML writer does: double ones where the plain text would read as something else."""
    tag = "tag:yaml.org,2002:str"
    style = None
    if "\n" in value:
        style = "|"
    elif value in _OLD_BOOLEANS or dumper.resolve(_scalar_node(), value, (True, False)) != tag:
        style = '"'
    return dumper.represent_scalar(tag, value, style=style)


def _scalar_node() -> Any:
    import yaml

    return yaml.ScalarNode


def as_list(items: list[Document]) -> Document:
    """Return several objects as one List, as kubectl prints them."""
    return {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
