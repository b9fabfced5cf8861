"""The real `moor` command for tests: each call a process of its own, with a time limit, on a data directory of its own.

In: a data directory. Out: `Moor.run` gives exit status and both streams; `purge` leaves nothing.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorage.base.system import SystemClock

TIMEOUT_SECONDS = 60.0
DEADLINE_SECONDS = 30.0
POLL_SECONDS = 0.1
ARTICLE = Path(__file__).parent.parent / "fixtures" / "manifests" / "article.yaml"
# The class the article's claims ask for.
STORAGE_CLASS = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: managed-nfs-storage
provisioner: moorage.dev/local
volumeBindingMode: WaitForFirstConsumer
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Lines of standard output."""
        return self.out.splitlines()

    def rows(self) -> list[list[str]]:
        """Cells of a printed table without its heads."""
        return [line.split() for line in self.lines[1:]]


def run(words: list[str], environment: Mapping[str, str], text: str = "") -> Result:
    """Run a program to its end. Raises: subprocess.TimeoutExpired."""
    done = subprocess.run(
        words, input=text, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, env=environment, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


class Moor:
    """`moor` bound to one data directory.

    Args:
        data_dir: need not exist.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        own = {"MOORAGE_DATA_DIR": str(data_dir), "KUBECONFIG": str(data_dir / "kubeconfig")}
        self.environment = {**os.environ, **own, "PYTHONPATH": os.pathsep.join(sys.path)}

    def run(self, *words: str, text: str = "") -> Result:
        """Run `moor WORDS`, `text` on its standard input."""
        return run([sys.executable, "-m", "moorage", *words], self.environment, text)

    def must(self, *words: str, text: str = "") -> Result:
        """Run a command that has to succeed."""
        result = self.run(*words, text=text)
        assert result.code == 0, f"moor {' '.join(words)}: {result}"
        return result

    def up(self, *words: str) -> Result:
        """Start the cluster in the background on a free port."""
        return self.must("up", "--detach", "--port", "0", *words)

    def objects(self, *words: str) -> list[dict[str, Any]]:
        """Return the objects that `moor get WORDS` lists."""
        items: list[dict[str, Any]] = json.loads(self.must("get", *words, "-o", "json").out)["items"]
        return items

    def recorded_pid(self, name: str) -> int:
        """Return the pid in the record of a background process."""
        record = json.loads((self.data_dir / "run" / f"{name}.json").read_text())
        return int(record["pid"])

    def purge(self) -> Result:
        """Stop the cluster and remove its data."""
        return self.run("down", "--purge")


def with_set(data_dir: Path, manifest: str, wait: str, *words: str) -> Iterator[Moor]:
    """Yield a made-up cluster whose set `web` is rolled out; it is purged afterwards.

    Args:
        data_dir: of the cluster.
        manifest: of the set, YAML.
        wait: flag that bounds the wait for the rollout, e.g. `--timeout=30s`.
        words: more flags of `moor up`.
    """
    made = Moor(data_dir)
    made.up("--runtime", "sim", *words)
    try:
        made.must("apply", "-f", "-", text=manifest)
        made.must("rollout", "status", "sts/web", wait)
        yield made
    finally:
        made.purge()


def running(data_dir: Path) -> dict[int, str]:
    """Return the command lines, by pid, of living processes that name a data directory."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(data_dir) in line:
            found[int(file.parent.name)] = line
    return found


async def eventually(happened: Callable[[], bool]) -> None:
    """Wait until something has happened. Raises: TimeoutError."""
    clock = SystemClock()
    deadline = clock.monotonic() + DEADLINE_SECONDS
    while not happened():
        if clock.monotonic() > deadline:
            raise TimeoutError(f"it did not happen within {DEADLINE_SECONDS:.0f} s")
        await clock.sleep(POLL_SECONDS)


def listens(address: str) -> bool:
    """Return whether somebody accepts connections at port 80: a pod without a probe is Ready a moment before that."""
    try:
        socket.create_connection((address, 80), TIMEOUT_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True
