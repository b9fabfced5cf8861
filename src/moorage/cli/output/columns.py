"""Columns that the user names: `-o custom-columns=NAME:.metadata.name,…`, and the order of `--sort-by`.

In: the words of the flags, documents. Out: rows; documents in order.
"""

from collections.abc import Callable, Sequence
from typing import Any

from moorage.api.quantity import BadQuantity, parse
from moorage.api.refs import Document
from moorage.base.errors import UserError
from moorage.cli.output import jsonpath
from moorage.cli.output.jsonpath import Step

Columns = list[tuple[str, tuple[Step, ...]]]
NOTHING = "<none>"


def columns(text: str) -> Columns:
    """Return the columns that a flag describes. Raises: UserError."""
    if not text:
        raise UserError("custom-columns format specified but no custom columns given")
    found: Columns = []
    for part in text.split(","):
        head, colon, where = part.partition(":")
        if not colon:
            raise UserError(f"unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
        found.append((head, jsonpath.path(where)))
    return found


def rows(wanted: Columns, documents: Sequence[Document], *, heads: bool) -> list[list[str]]:
    """Return the rows of the documents, heads first."""
    first = [[head for head, _ in wanted]] if heads else []
    return [*first, *([_cell(steps, document) for _, steps in wanted] for document in documents)]


def _cell(steps: tuple[Step, ...], document: Document) -> str:
    found = jsonpath.find(steps, document)
    return ",".join(_text(one) for one in found) if found else NOTHING


def _text(value: Any) -> str:
    """Return a value as Go's %v prints it."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_text(one)}" for key, one in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(_text, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def order(text: str) -> Callable[[Document], tuple[int, Any]]:
    """Return the sort key of `--sort-by`: numbers and quantities by size, texts by letters, what has none first."""
    steps = jsonpath.path(text)

    def key(document: Document) -> tuple[int, Any]:
        found = jsonpath.find(steps, document)
        return _sortable(found[0]) if found else (0, "")

    return key


def _sortable(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float):
        return 1, value
    try:
        return 1, parse(str(value)).nanos / 10**9
    except BadQuantity:
        return 2, jsonpath.show(value)
