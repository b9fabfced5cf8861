"""A disk that loses power: records what SQLite writes and syncs, and rebuilds what could be left at any moment.

In: a SQLite VFS name to open a store with. Out: `Recording`, whose `image` writes the files of one crash.
Method: fact sheet on reliability, A.3. What was synced is there; of what was not, any part may be.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apsw

SECTOR = 512
SYNCED = -1
DELETED = -2


class Step(NamedTuple):
    """One thing that happened: a write (data), a truncation (no data), a sync, a deletion, or an acknowledgement."""

    file: str
    offset: int
    data: bytes | None = None
    acked: int = 0


class Recording:
    """All steps of one run, in order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def ack(self, revision: int) -> None:
        """Note that the writer of `revision` was answered."""
        self.steps.append(Step("", 0, acked=revision))

    def acked(self, moment: int) -> int:
        """Return the highest revision acknowledged before step `moment`."""
        return max((step.acked for step in self.steps[:moment]), default=0)

    def image(self, directory: Path, moment: int, survives: Callable[[Sequence[Step]], Sequence[Step]]) -> None:
        """Write the files as a power cut before step `moment` leaves them.

        Args:
            directory: where to.
            moment: number of steps that happened.
            survives: which of the steps after a file's last sync reached the disk.
        """
        files: dict[str, list[Step]] = {}
        for step in self.steps[:moment]:
            if step.offset == DELETED:
                files.pop(step.file, None)
            elif step.file:
                files.setdefault(step.file, []).append(step)
        for name, steps in files.items():
            synced = max((index for index, step in enumerate(steps) if step.offset == SYNCED), default=0)
            content = bytearray()
            for step in [*steps[:synced], *survives(steps[synced:])]:
                _replay(content, step)
            (directory / name).write_bytes(content)


def torn(steps: Sequence[Step]) -> Sequence[Step]:
    """All of it, the last write only by half, in whole sectors."""
    *before, last = steps or [Step("", SYNCED)]
    if last.data is None:
        return steps
    half = len(last.data) // 2 // SECTOR * SECTOR
    return [*before, last._replace(data=last.data[:half])]


SURVIVALS: dict[str, Callable[[Sequence[Step]], Sequence[Step]]] = {
    "nothing": lambda steps: [],
    "everything": lambda steps: steps,
    "first half": lambda steps: steps[: len(steps) // 2],
    "every other": lambda steps: steps[::2],
    "last only": lambda steps: steps[-1:],
    "torn": torn,
}


def _replay(content: bytearray, step: Step) -> None:
    if step.offset == SYNCED:
        return
    if step.data is None:
        del content[step.offset :]
        return
    if len(content) < step.offset:
        content.extend(bytes(step.offset - len(content)))
    content[step.offset : step.offset + len(step.data)] = step.data


class RecordingFile(apsw.VFSFile):
    """A file that notes what is done to it."""

    def __init__(self, recording: Recording, filename: Any, flags: list[int]) -> None:
        super().__init__("", filename, flags)
        name = filename.filename() if isinstance(filename, apsw.URIFilename) else filename
        self._name = Path(name or "temporary").name
        self._recording = recording

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._recording.steps.append(Step(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's name
        self._recording.steps.append(Step(self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._recording.steps.append(Step(self._name, SYNCED))
        super().xSync(flags)


class RecordingVFS(apsw.VFS):
    """The default VFS, with recording files."""

    def __init__(self, name: str, recording: Recording) -> None:
        super().__init__(name, "")
        self._recording = recording

    def xOpen(self, name: Any, flags: list[int]) -> RecordingFile:  # noqa: N802 - SQLite's name
        return RecordingFile(self._recording, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001 - SQLite's name and order
        self._recording.steps.append(Step(Path(filename).name, DELETED))
        super().xDelete(filename, syncdir)
