"""The formats of `-o` that print whole objects.

In: the flag's word, a document (a List where there are several). Out: text with all its line ends.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from moorage.api.refs import Document
from moorage.base.errors import UserError
from moorage.cli.output import columns, documents, jsonpath, tables

_PLAIN: Final[dict[str, Callable[[Document], str]]] = {"json": documents.as_json, "yaml": documents.as_yaml}
FORMATS: Final = ("name", *_PLAIN, "jsonpath=TEMPLATE", "jsonpath-file=FILE", "custom-columns=HEAD:PATH,...")


def check(output: str) -> None:
    """Refuse a format that does not exist or whose template is wrong, before anything is asked. Raises: UserError."""
    name, _, rest = output.partition("=")
    match name:
        case "jsonpath" | "jsonpath-file":
            jsonpath.parse(_template(name, rest))
        case "custom-columns":
            columns.columns(rest)
        case _ if output != "name" and output not in _PLAIN:
            raise UserError(
                f'unable to match a printer suitable for the output format "{output}", '
                f"allowed formats are: {', '.join(FORMATS)}, wide"
            )


def text(output: str, shown: Document, *, heads: bool = True) -> str:
    """Return the text of a document in a format that was checked."""
    name, _, rest = output.partition("=")
    if name.startswith("jsonpath"):
        return jsonpath.render(jsonpath.parse(_template(name, rest)), shown)
    if name == "custom-columns":
        items = shown["items"] if isinstance(shown.get("items"), list) else [shown]
        lines = tables.Columns().lines(columns.rows(columns.columns(rest), items, heads=heads))
        return "".join(f"{line}\n" for line in lines)
    return f"{_PLAIN[name](shown)}\n"


def _template(name: str, rest: str) -> str:
    if not rest:
        raise UserError("template format specified but no template given")
    if name == "jsonpath":
        return rest
    try:
        return Path(rest).read_text()
    except OSError as problem:
        raise UserError(f"cannot read {rest}: {problem.strerror}") from None
