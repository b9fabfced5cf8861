"""One mutation as a row of the table `log`, guarded by a checksum over all of it.

In: changes. Out: rows, and rows read back as `Row`. Pure. Next: `database`, `load`.
SQLite's own checks do not see a flipped byte inside a value (fact sheet on reliability, D.1).
"""

import struct
import zlib
from typing import NamedTuple

from moorage.store.ports import Change

_NUMBERS = struct.Struct(">qqq?")


class Row(NamedTuple):
    """A row as stored: `previous` is the revision of the record it replaced (0: none), `value` None for a deletion."""

    revision: int
    key: str
    created: int
    previous: int
    value: bytes | None
    checksum: int

    @property
    def intact(self) -> bool:
        """Whether every column is what was written."""
        try:
            return self.checksum == _checksum(self.revision, self.key, self.created, self.previous, self.value)
        except (TypeError, AttributeError, struct.error, UnicodeError):  # a damaged header changes a column's type
            return False


def row_of(change: Change) -> Row:
    """Return the row that stores `change`."""
    previous = change.previous.revision if change.previous else 0
    created = change.previous.created if change.previous else change.revision
    checksum = _checksum(change.revision, change.key, created, previous, change.value)
    return Row(change.revision, change.key, created, previous, change.value, checksum)


def _checksum(revision: int, key: str, created: int, previous: int, value: bytes | None) -> int:
    head = _NUMBERS.pack(revision, created, previous, value is None) + key.encode()
    return zlib.crc32(value or b"", zlib.crc32(head))
