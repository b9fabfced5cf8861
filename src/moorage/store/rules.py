"""The refusals every backend shares, and what a write answers.

In: what a write asks and what is there. Out: nothing, or the port's error. Pure. Next: the backends.
"""

from moorage.base.limits import MAX_OBJECT_BYTES
from moorage.store.ports import Change, KeyExists, Record, RevisionMismatch, ValueTooLarge


def check_size(key: str, value: bytes) -> None:
    """Raise ValueTooLarge for more than `MAX_OBJECT_BYTES`."""
    if len(value) > MAX_OBJECT_BYTES:
        raise ValueTooLarge(f"{key}: {len(value)} bytes, at most {MAX_OBJECT_BYTES} are stored")


def check_absent(current: Record | None) -> None:
    """Raise KeyExists where there is a record."""
    if current:
        raise KeyExists(current)


def check_expected(key: str, expected: int, current: Record | None) -> Record:
    """Return the record that is at revision `expected`; raise RevisionMismatch where it is another, or none."""
    if current is None or current.revision != expected:
        raise RevisionMismatch(key, expected, current)
    return current


def answer(change: Change) -> Record:
    """Return what a successful write answers: the new record, or for a deletion the old value at its revision."""
    created = change.previous.created if change.previous else change.revision
    value = change.value if change.value is not None or change.previous is None else change.previous.value
    return Record(change.key, value or b"", change.revision, created)
