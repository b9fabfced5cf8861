"""Any other object in detail: its fields as words, keys sorted.

In: any document. Out: lines. Layout: kubectl 1.32 describe of kinds it has no printer for.
"""

import re
from typing import Any

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet, shown

_HIDDEN = {("metadata", "name"), ("metadata", "namespace"), ("metadata", "labels"), ("metadata", "annotations"),
           ("metadata", "managedFields")}  # fmt: skip
_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORDS = {"Api": "API", "Uid": "UID", "Url": "URL", "Id": "ID", "Ip": "IP", "Tls": "TLS"}


def write(sheet: Sheet, document: Document, _around: Around) -> None:
    """Fill the page."""
    sheet.head(document)
    _mapping(sheet, document, (), 0)


def title(key: str) -> str:
    """Return a field's name as words: `resourceVersion` → `Resource Version`, `uid` → `UID`."""
    words = _BEFORE_CAPITAL.sub(" ", key).split(" ")
    capital = [word[:1].upper() + word[1:] for word in words]
    return " ".join(_WORDS.get(word, word) for word in capital)


def _mapping(sheet: Sheet, mapping: Document, path: tuple[str, ...], level: int) -> None:
    for key in sorted(mapping, key=title):
        if (*path, key) not in _HIDDEN:
            _value(sheet, title(key), mapping[key], (*path, key), level)


def _value(sheet: Sheet, name: str, value: Any, path: tuple[str, ...], level: int) -> None:
    if isinstance(value, dict):
        sheet.line(f"{name}:", level)
        _mapping(sheet, value, path, level + 1)
    elif isinstance(value, list):
        sheet.line(f"{name}:", level)
        for item in value:
            if isinstance(item, dict):
                _mapping(sheet, item, path, level + 1)
            else:
                sheet.line(shown(item), level + 1)
    else:
        sheet.field(name, value if value is not None else "<nil>", level)
