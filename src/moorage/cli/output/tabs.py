"""Text with tabs turned into columns, the way Go's text/tabwriter does with padding 2.

In: lines whose cells end in tabs. Out: aligned lines. A column is a run of neighbouring lines that have a cell there; the
text after a line's last tab belongs to no column.
"""

from collections.abc import Sequence

PADDING = 2


def align(text: str) -> str:
    """Return the text with every tab replaced by as many blanks as its column needs."""
    rows = [line.split("\t") for line in text.split("\n")]
    return "\n".join(_block(rows, []))


def _block(rows: Sequence[list[str]], widths: list[int]) -> list[str]:
    """Return the lines of rows that all have the columns of `widths`."""
    column, start = len(widths), 0
    done: list[str] = []
    while start < len(rows):
        end = _run(rows, start, column)
        if end == start:
            done.append(_line(rows[start], widths))
            start += 1
            continue
        block = rows[start:end]
        width = max(len(row[column]) for row in block) + PADDING
        done += _block(block, [*widths, width])
        start = end
    return done


def _run(rows: Sequence[list[str]], start: int, column: int) -> int:
    """Return where the run of rows with a tab-ended cell in `column` ends."""
    end = start
    while end < len(rows) and column < len(rows[end]) - 1:
        end += 1
    return end


def _line(cells: list[str], widths: list[int]) -> str:
    return "".join(map(str.ljust, cells[: len(widths)], widths)) + "".join(cells[len(widths) :])
