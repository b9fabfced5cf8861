"""What a running control plane tells other processes of the same user: one small file that is there only while it serves.

In: `Serving`. Out: `run/serving.json`, mode 0600. The commands `status` and `up` read it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from moorage.assembly.pki import write_private
from moorage.assembly.settings import Settings

FILE = "serving.info"


@dataclass(frozen=True, slots=True)
class Serving:
    """A control plane that answers.

    Args:
        server: URL of the API.
        settings: what it was started with, `Settings.to_json`.
        seconds: time from process start until the API answered.
    """

    server: str
    settings: dict[str, Any]
    seconds: float

    @property
    def cluster(self) -> Settings:
        """The settings."""
        return Settings.from_json(self.settings)


def announce(run: Path, serving: Serving) -> None:
    """Write the file."""
    write_private(run / FILE, json.dumps(asdict(serving), indent=1).encode())


def withdraw(run: Path) -> None:
    """Remove the file."""
    (run / FILE).unlink(missing_ok=True)


def read(run: Path) -> Serving | None:
    """Return what the file says; None where there is none. Whether the process still lives is `processes.find`'s business."""
    try:
        values = json.loads((run / FILE).read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return Serving(values["server"], values["settings"], values["seconds"])
