"""From rows to memory, with every check that can be made on the way.

In: rows in revision order, the marks. Out: `Loaded`: the history, and which rows nobody needs any more. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from moorage.store.history import History, make_change
from moorage.store.ports import Record
from moorage.store.sqlite.rows import Row


@dataclass(slots=True)
class Loaded:
    """What a file held.

    Args:
        history: the present, and the changes above the compacted revision.
        garbage: revisions of rows that a compaction cut short left behind.
        damaged: one line per row that cannot be trusted, or is missing.
        damaged_rows: revisions of the rows among them that are there.
    """

    history: History
    garbage: list[int] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    damaged_rows: list[int] = field(default_factory=list)


def load(rows: Iterable[Row], compacted: int, floor: int) -> Loaded:
    """Rebuild the memory of a store.

    Args:
        rows: in revision order.
        compacted: changes at or below it are not kept.
        floor: revisions at or below it may have no row (0: none such).
    """
    loaded = Loaded(History())
    expected = max(compacted, floor) + 1
    for row in rows:
        if row.revision > max(compacted, floor):
            if row.revision != expected:
                loaded.damaged.append(f"{_span(expected, row.revision - 1)} missing")
            expected = row.revision + 1
        _take(loaded, row, compacted)
    history = loaded.history
    history.compacted = compacted
    history.revision = max(history.revision, floor, compacted)
    return loaded


def salvage(rows: Iterable[Row], floor: int) -> History:
    """Rebuild what can be had from intact rows: of each key its latest readable record; no history.

    Args:
        rows: in revision order.
        floor: the revision to continue from, above every one ever given out.
    """
    history = History()
    for row in rows:
        _settle(history, row)
    history.compacted, history.revision = floor - 1, floor
    return history


def _take(loaded: Loaded, row: Row, compacted: int) -> None:
    if not row.intact:
        loaded.damaged.append(f"{row.key} at revision {row.revision} damaged")
        loaded.damaged_rows.append(row.revision)
        return
    history = loaded.history
    previous = history.get(row.key)
    if row.revision <= compacted:
        if previous:
            loaded.garbage.append(previous.revision)
        if row.value is None:
            loaded.garbage.append(row.revision)
        _settle(history, row)
        return
    if row.previous != (previous.revision if previous else 0):
        loaded.damaged.append(f"{row.key} before revision {row.revision} missing")
    history.apply(make_change(row.key, row.value, row.revision, previous))


def _settle(history: History, row: Row) -> None:
    if row.value is None:
        history.forget(row.key)
    else:
        history.restore(Record(row.key, row.value, row.revision, row.created))
    history.revision = row.revision


def _span(first: int, last: int) -> str:
    return f"revision {first}" if first == last else f"revisions {first} to {last}"
