"""A gate as an explanation tells it: what is held, by which object, seen how, since when, and what opens it.

In: findings of `pod`, `claim`, `service`, `statefulset`. Out: `Found`, and its JSON. The words come from `table`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from moorage.api import meta
from moorage.api.refs import Document, Resource
from moorage.why.table import GATES, UNKNOWN, Row

MAX_DETAILS = 10
"""Lines of detail of one gate that are kept; the rest is counted."""


class Ref(NamedTuple):
    """An object, named. `namespace` is "" for cluster-scoped ones."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def document(self) -> Document:
        """Return it as JSON."""
        pairs = (("kind", self.kind), ("namespace", self.namespace), ("name", self.name))
        return {key: value for key, value in pairs if value}


@dataclass(frozen=True, slots=True)
class Found:
    """One gate.

    Args:
        gate: name, a row of `table.GATES`.
        culprit: the object that keeps it closed.
        evidence: what was seen; one line.
        since: RFC 3339, "" where nothing says it.
        details: more evidence, one line each (the verdict of each node).
        words: fill the blanks of the row's texts, besides the culprit's own.
        opens: instead of the row's text.
        command: instead of the row's.
        path: from the subject to the culprit, both left out of it where they are the same.
        through: gates of controllers that this one explains, outermost first.
        holds: what waits, where a controller said it.
        mild: the subject serves all the same: it does not count as stalled.
    """

    gate: str
    culprit: Ref
    evidence: str
    since: str = ""
    details: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    opens: str = ""
    command: str = ""
    path: tuple[Ref, ...] = ()
    through: tuple[str, ...] = ()
    holds: str = ""
    mild: bool = False

    @property
    def row(self) -> Row:
        """What is known of every gate of this name."""
        return GATES.get(self.gate, UNKNOWN)

    def below(self, parent: Ref) -> "Found":
        """Return the same gate as seen from `parent`, which waits for its culprit."""
        return replace(self, path=(parent, *self.path))

    def document(self) -> Document:
        """Return it as JSON; what is empty is left out."""
        words = {**self.culprit._asdict(), **self.words}
        made: dict[str, Any] = {
            "gate": self.gate,
            "culprit": self.culprit.document(),
            "holds": self.holds,
            "evidence": self.evidence,
            "details": shortened(self.details),
            "since": self.since,
            "opener": self.row.opener.value,
            "opens": self.opens or self.row.opens.format_map(words),
            "command": self.command or self.row.command.format_map(words),
            "path": [str(one) for one in self.path],
            "through": list(self.through),
        }
        return {key: value for key, value in made.items() if value}


def shortened(lines: tuple[str, ...]) -> list[str]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - MAX_DETAILS
    return [*lines[:MAX_DETAILS], f"and {more} more"] if more > 0 else list(lines)


def ref_of(resource: Resource, document: Document) -> Ref:
    """Return the name of a document."""
    return Ref(resource.kind, meta.namespace(document), meta.name(document))


def line(text: str) -> str:
    """Return a text as one line."""
    return " ".join(text.split())
