"""How long a user waits: first and second start of the control plane, `moor get pods`, memory at rest, ordered creation.

In: nothing. Out: medians of whole processes. Everything runs on loopback in a temporary data directory, runtime `sim`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine

MOOR = [sys.executable, "-m", "moorage"]
RUNS = 5
MANIFEST = Path(__file__).parents[1] / "tests" / "fixtures" / "manifests" / "article.yaml"
CLASS = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: managed-nfs-storage}
provisioner: moorage.dev/local
volumeBindingMode: WaitForFirstConsumer
"""


def main() -> None:
    """Print one line a figure."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="moorage-bench-") as folder:
        environment = {**os.environ, "MOORAGE_DATA_DIR": folder}
        starts = []
        for _ in range(RUNS):
            starts.append(_seconds(["up", "--detach", "--runtime", "sim", "--port", "0"], environment))
            _seconds(["down"], environment)
        print(
            f"moor up --detach, whole process: first {starts[0]:.2f} s, later (median) {statistics.median(starts[1:]):.2f} s"
        )
        _seconds(["up", "--detach", "--runtime", "sim", "--port", "0"], environment)
        try:
            _running(environment)
        finally:
            _seconds(["down", "--purge"], environment)


def _running(environment: dict[str, str]) -> None:
    _run(["apply", "-f", "-"], environment, CLASS)
    began = time.monotonic()
    _run(["apply", "-f", str(MANIFEST)], environment)
    _run(["rollout", "status", "sts/myapp", "--timeout=60s"], environment)
    print(f"apply until both pods of the manifest are Ready (sim): {time.monotonic() - began:.2f} s")
    gets = [_seconds(["get", "pods"], environment) for _ in range(RUNS)]
    print(f"moor get pods, whole process: {statistics.median(gets) * 1000:.0f} ms")
    print(_run(["status"], environment).splitlines()[1])


def _run(words: list[str], environment: dict[str, str], text: str = "") -> str:
    done = subprocess.run([*MOOR, *words], env=environment, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def _seconds(words: list[str], environment: dict[str, str]) -> float:
    began = time.monotonic()
    _run(words, environment)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
