"""One field of a kind kept letter by letter, as upstream keeps a RawExtension: ControllerRevision's `data`.

In: JSON texts (bodies, stored values) and documents read from them. Out: `Verbatim` in place of the field's value where its
text is not what Go would write; texts to compare and to store. Clients never see it: answers are compact. Other kinds have
none (`Strategy.verbatim`). Source: k8s.io/apimachinery/pkg/runtime RawExtension; encoding/json `compact`.
"""

import re
from typing import Any

import msgspec

from moorage.api import revisiondata
from moorage.api.refs import Document

_STRING_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')


class Verbatim(dict[str, Any]):
    """A JSON object that remembers the text it was read from."""

    __slots__ = ("text",)

    def __init__(self, value: Document, text: bytes) -> None:
        super().__init__(value)
        self.text = text

    def __reduce__(self) -> tuple[type["Verbatim"], tuple[Document, bytes]]:
        """Copy the text, too."""
        return Verbatim, (dict(self), self.text)


def read(value: Any, text: bytes) -> Any:
    """Return a parsed value that remembers its text, where that is no other than Go's own: keys sorted, no white space."""
    if not isinstance(value, dict) or text == revisiondata.encode(value):
        return value
    return Verbatim(value, text)


def keep(document: Document, field: str, body: bytes) -> None:
    """Let one top-level field of a document remember its text, in place.

    Args:
        document: parsed from `body`.
        field: `Strategy.verbatim`; nothing happens for "".
        body: JSON that parses to an object.
    """
    if field and field in document:
        texts = msgspec.json.decode(body.decode("utf-8", "replace"), type=dict[str, msgspec.Raw])
        document[field] = read(document[field], bytes(texts[field]))


def text_of(value: Any) -> bytes:
    """Return the text that counts: as posted, or as Go would write it."""
    return value.text if isinstance(value, Verbatim) else revisiondata.encode(value)


def stored(document: Document, field: str) -> Document:
    """Return a document that encodes with the text that counts; `keep` finds it there again."""
    if not field or field not in document:
        return document
    return {**document, field: msgspec.Raw(text_of(document[field]))}


def spliced(document: Document, field: str) -> Document:
    """Return what a merge or JSON patch made of a document: it passes through text without white space, in its old order."""
    value = document.get(field) if field else None
    if not isinstance(value, Verbatim):
        return document
    compact = _STRING_OR_SPACE.sub(lambda match: match[1] or b"", value.text)
    return {**document, field: read(dict(value), revisiondata.escape(compact))}


def rebuilt(document: Document, field: str) -> Document:
    """Return what a strategic or apply patch made of a document: it passes through maps, which forget text and order."""
    if not field or field not in document:
        return document
    return {**document, field: msgspec.json.decode(revisiondata.encode(document[field]))}


def ordered(document: Document, field: str) -> Document:
    """Return a document that came as YAML or from this process as Go would have sent it: what has no text is sorted."""
    return document if field and isinstance(document.get(field), Verbatim) else rebuilt(document, field)
