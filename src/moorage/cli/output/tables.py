"""Tables as kubectl prints them: left-aligned, three spaces apart, upper-case heads.

In: Table documents (meta.k8s.io/v1) or plain rows. Out: lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moorage.api.refs import Document

ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_PADDING, _NARROWEST = 3, 6


@dataclass(frozen=True, slots=True)
class Style:
    """What of a Table is shown.

    Args:
        wide: columns of priority 1 too.
        namespaces: a NAMESPACE column in front.
        labels: a LABELS column at the end.
        label_columns: labels with a column each.
        prefix: put before each name, e.g. `pod/`.
        headers: whether heads are printed.
    """

    wide: bool = False
    namespaces: bool = False
    labels: bool = False
    label_columns: tuple[str, ...] = ()
    prefix: str = ""
    headers: bool = True


def heads(columns: Sequence[Document], style: Style) -> list[str]:
    """Return the heads of a Table."""
    shown = [column["name"].upper() for column in columns if style.wide or not column.get("priority")]
    extra = [label.rpartition("/")[2].upper() for label in style.label_columns]
    return [*(["NAMESPACE"] if style.namespaces else []), *shown, *extra, *(["LABELS"] if style.labels else [])]


def row(columns: Sequence[Document], item: Document, style: Style) -> list[str]:
    """Return the texts of one row of a Table."""
    metadata = (item.get("object") or {}).get("metadata") or {}
    labels = metadata.get("labels") or {}
    cells = [
        text(cell)
        for column, cell in zip(columns, item["cells"], strict=False)
        if style.wide or not column.get("priority")
    ]
    cells[0] = style.prefix + cells[0]
    front = [metadata.get("namespace", "")] if style.namespaces else []
    back = [labels.get(label, "") for label in style.label_columns]
    return [*front, *cells, *back, *([show_labels(labels)] if style.labels else [])]


def text(cell: Any) -> str:
    """Return a cell as text."""
    if cell is None:
        return "<none>"
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def show_labels(labels: dict[str, str]) -> str:
    """Return labels as `a=1,b=2`, sorted; `<none>` without any."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or "<none>"


class Columns:
    """Lines of equal columns; remembers widths, so that rows printed later line up with those before.

    Widths only grow, as in Go's tabwriter with remembered widths.
    """

    def __init__(self) -> None:
        self._widths: list[int] = []

    def lines(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """Return the rows as lines; the last cell of a row is not padded."""
        for cells in rows:
            self._widths += [_NARROWEST] * (len(cells) - len(self._widths))
            for index, cell in enumerate(cells):
                self._widths[index] = max(self._widths[index], len(cell) + _PADDING)
        return ["".join([*map(str.ljust, cells[:-1], self._widths), cells[-1]]) for cells in rows if cells]


def render(table: Document, style: Style, columns: Columns | None = None) -> list[str]:
    """Return a Table as lines."""
    definitions = table["columnDefinitions"]
    rows = [row(definitions, item, style) for item in table.get("rows") or ()]
    first = [heads(definitions, style)] if style.headers and rows else []
    return (columns or Columns()).lines([*first, *rows])
