"""One revision of one object in memory, and one change of it.

In: a document and its revision. Out: `Stored` and `Change`, shared by every reader; their JSON text is made once.
"""

from collections.abc import Callable, Mapping

import msgspec

from moorage.api.refs import Document, ObjectKey, Resource, key_of

Fields = Callable[[Document], Mapping[str, str]]

_encode = msgspec.json.Encoder().encode


def encode(document: object) -> bytes:
    """Return a document as JSON text."""
    return _encode(document)


class Stored:
    """One object at one revision. Nothing in it is ever changed.

    Args:
        document: whole, with its resourceVersion.
        revision: that resourceVersion as a number.
        fields: values of the field labels the kind can be selected by, beyond name and namespace.
    """

    __slots__ = ("_encoded", "_fields", "_select", "document", "key", "path", "revision")

    def __init__(self, document: Document, revision: int, fields: Fields) -> None:
        self.document = document
        self.revision = revision
        self.key: ObjectKey = key_of(document)
        self.path = sort_path(self.key)
        self._select = fields
        self._fields: Mapping[str, str] | None = None
        self._encoded: bytes | None = None

    @property
    def encoded(self) -> bytes:
        """The document as JSON, made once."""
        if self._encoded is None:
            self._encoded = _encode(self.document)
        return self._encoded

    @property
    def fields(self) -> Mapping[str, str]:
        """Every field label's value, name and namespace included."""
        if self._fields is None:
            own = self._select(self.document)
            self._fields = {**own, "metadata.name": self.key.name, "metadata.namespace": self.key.namespace}
        return self._fields

    def at(self, revision: int) -> "Stored":
        """Return the same object under a later revision: what a deletion shows."""
        metadata = {**self.document["metadata"], "resourceVersion": str(revision)}
        return Stored({**self.document, "metadata": metadata}, revision, self._select)


class Change:
    """One change of one object, as watchers see it: `before` is None for an addition, `after` for a deletion."""

    __slots__ = ("_gone", "after", "before", "revision", "seen")

    def __init__(self, revision: int, before: Stored | None, after: Stored | None, seen: float) -> None:
        self.revision = revision
        self.before = before
        self.after = after
        self.seen = seen
        self._gone: Stored | None = None

    @property
    def path(self) -> str:
        """Where the object sorts."""
        return self.state.path

    @property
    def state(self) -> Stored:
        """The newest state there is."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def gone(self) -> Stored:
        """The last state under the revision of this change; made once."""
        if self._gone is None:
            assert self.before is not None
            self._gone = self.before.at(self.revision)
        return self._gone


def sort_path(key: ObjectKey) -> str:
    """Return the text by which objects of one resource sort, as in the store."""
    return f"{key.namespace or '-'}/{key.name}"


def store_key(resource: Resource, path: str) -> str:
    """Return the store's key of an object, by its `sort_path`."""
    return f"/{resource.group or 'core'}/{resource.plural}/{path}"
