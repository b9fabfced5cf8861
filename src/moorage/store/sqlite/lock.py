"""One process per directory: a lock file that names its holder.

In: a directory. Out: a held lock, or `StoreInUse` with the holder's process id.
The kernel drops the lock when its holder dies, however it dies; so a stale file never stands in the way.
"""

import fcntl
import os
from pathlib import Path

from moorage.store.ports import StoreInUse


class DirectoryLock:
    """The lock of one directory, held from construction until `release`.

    Raises: StoreInUse; OSError where the file cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        self._descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 32).strip()
            os.close(self._descriptor)
            raise StoreInUse(str(directory), int(holder) if holder.isdigit() else 0) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes lock two files of one name."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
