"""The page that a `describe` printer fills: indented lines, columns by tabs, multi-line maps.

In: fields in order. Out: `Sheet.text()` with raw tabs, `Sheet.aligned()` with columns. Layout: kubectl 1.32 describe.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.cli.output import tabs

NONE, UNSET = "<none>", "<unset>"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
LONGEST_ANNOTATION = 140
"""Longer annotations start on a line of their own and are cut there."""
_ZERO_TIME = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Around:
    """What a printer may look at besides the object.

    Args:
        now: the present, in the timezone that times are shown in.
        related: other objects that the kind's description counts or names, e.g. the pods of a set.
    """

    now: datetime.datetime
    related: Sequence[Document] = ()

    def since(self, timestamp: str | None) -> str:
        """Return how long ago a time was, e.g. `5m`."""
        return cells.since(timestamp, self.now)

    def moment(self, timestamp: str | None) -> str:
        """Return a time as RFC 1123 with a numeric zone; the year 1 where there is none, as Go prints a zero time."""
        when = datetime.datetime.fromisoformat(timestamp).astimezone(self.now.tzinfo) if timestamp else _ZERO_TIME
        return when.strftime("%a, %d %b ") + f"{when.year:04d}" + when.strftime(" %H:%M:%S %z")


class Sheet:
    """Lines, each indented by its level."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def line(self, text: str = "", level: int = 0) -> None:
        """Add one line; each level is two blanks. Line breaks inside the text stay as they are."""
        self._lines.append("  " * level + text)

    def field(self, name: str, value: object, level: int = 0) -> None:
        """Add `name: value` with the value in the next column."""
        self.line(f"{name}:\t{shown(value)}", level)

    def fields(self, pairs: Iterable[tuple[str, object]], level: int = 0) -> None:
        """Add several fields."""
        for name, value in pairs:
            self.field(name, value, level)

    def several(self, name: str, values: Sequence[str], level: int = 0) -> None:
        """Add a field with one value a line; `<none>` without any."""
        for index, value in enumerate(values or [NONE]):
            self.line(*(f"{name}:\t{value}", level) if index == 0 else (f"\t{value}", 0))

    def labels(self, name: str, labels: Mapping[str, str] | None, level: int = 0) -> None:
        """Add a map as `key=value`, one a line, sorted."""
        self.several(name, [f"{key}={value}" for key, value in sorted((labels or {}).items())], level)

    def annotations(self, annotations: Mapping[str, str] | None, level: int = 0) -> None:
        """Add annotations as `key: value`; what apply keeps for itself is left out."""
        shown_ones = sorted((key, value) for key, value in (annotations or {}).items() if key != LAST_APPLIED)
        self.several("Annotations", [line for pair in shown_ones for line in _annotation(*pair)], level)

    def head(self, document: Document, *, namespaced: bool = True) -> None:
        """Add name, namespace, labels and annotations."""
        metadata = document["metadata"]
        self.field("Name", metadata["name"])
        if namespaced:
            self.field("Namespace", metadata.get("namespace", ""))
        self.labels("Labels", metadata.get("labels"))
        self.annotations(metadata.get("annotations"))

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]], level: int = 1) -> None:
        """Add a table: heads, dashes of their length, rows."""
        lines = (heads, ["-" * len(head) for head in heads], *rows)
        for cells_of in lines:
            self.line("\t".join(shown(cell) for cell in cells_of), level)

    def text(self) -> str:
        """Return the lines with their tabs."""
        return "\n".join(self._lines) + "\n"

    def aligned(self) -> str:
        """Return the lines in columns."""
        return tabs.align(self.text())


def shown(value: object) -> str:
    """Return a value as Go's %v prints it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + " ".join(shown(one) for one in value) + "]"
    return str(value)


def _annotation(key: str, value: str) -> list[str]:
    if "\n" in value or len(key) + len(value) + 2 > LONGEST_ANNOTATION:
        return [f"{key}:", *(f"  {_short(line)}" for line in value.split("\n"))]
    return [f"{key}: {value}"]


def _short(text: str) -> str:
    limit = LONGEST_ANNOTATION - 2
    return f"{text[:limit]}..." if len(text) > limit else text
