"""What a handler answers, before anybody decided between documents and bytes.

In: stored objects, plain documents, streams. Out: `Answer` values; `document()` for callers in the process, `encoded()` for the
wire. Bytes of stored objects are made once a revision and joined, never encoded again (architecture.md section 5).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from moorage.api.refs import Document, Resource
from moorage.apiserver.stored import Stored, encode


@dataclass(frozen=True, slots=True)
class Plain:
    """A document made for this answer."""

    content: Document
    code: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def document(self) -> Document:
        """Return the document."""
        return self.content

    def encoded(self) -> bytes:
        """Return its JSON."""
        return encode(self.content)


@dataclass(frozen=True, slots=True)
class One:
    """One stored object."""

    stored: Stored
    code: int = 200

    def document(self) -> Document:
        """Return the object's document."""
        return self.stored.document

    def encoded(self) -> bytes:
        """Return the bytes every reader of this revision shares."""
        return self.stored.encoded


@dataclass(frozen=True, slots=True)
class Many:
    """A list of stored objects."""

    resource: Resource
    items: Sequence[Stored]
    metadata: Document
    code: int = 200

    def document(self) -> Document:
        """Return the list; its items are the stored documents themselves, kind and apiVersion included."""
        return {**self._head(), "items": [stored.document for stored in self.items]}

    def encoded(self) -> bytes:
        """Return the list with items as built-in kinds have them there: without kind and apiVersion."""
        prefix = type_prefix(self.resource)
        items = b",".join(_without_type(stored, prefix) for stored in self.items)
        return b'%s,"items":[%s]}' % (encode(self._head())[:-1], items)

    def _head(self) -> Document:
        return {
            "kind": f"{self.resource.kind}List",
            "apiVersion": self.resource.api_version,
            "metadata": self.metadata,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """Something that is no document: text, logs."""

    content: bytes | AsyncIterator[bytes]
    code: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answer = Plain | One | Many | Text


def type_prefix(resource: Resource) -> bytes:
    """Return how the JSON of every stored object of a resource begins."""
    return b'{"kind":"%s","apiVersion":"%s",' % (resource.kind.encode(), resource.api_version.encode())


def _without_type(stored: Stored, prefix: bytes) -> bytes:
    text = stored.encoded
    if text.startswith(prefix):
        return b"{" + text[len(prefix) :]
    return encode({key: value for key, value in stored.document.items() if key not in ("kind", "apiVersion")})
