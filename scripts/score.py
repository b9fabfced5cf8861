"""Scores a fresh control plane against recorded behaviour of a real one: `score.py golden|traces [arguments]`.

In: which corpus. Out: the replay program's own report. The control plane keeps its data in a temporary directory.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures"


def main() -> int:
    """Start, replay, stop; return the replay's exit status."""
    corpus, extra = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="moorage-score-") as folder:
        moor = [sys.executable, "-m", "moorage"]
        where = ["--data-dir", folder]
        # The traces are of 1.28.7; golden answers hold no word that goes beyond Kubernetes.
        rules = ["--statefulset-rules", "1.28"] if corpus == "traces" else ["--strict"]
        subprocess.run([*moor, "up", "--detach", "--runtime", "none", "--port", "0", *rules, *where], check=True)
        try:
            if corpus == "golden":
                # The recorded server had no default class.
                config = ["--kubeconfig", f"{folder}/kubeconfig"]
                subprocess.run([*moor, "delete", "storageclass", "local", *config], check=True)
            access = _credentials(Path(folder))
            return subprocess.run([sys.executable, *_replay(corpus, extra), *access], check=False).returncode
        finally:
            subprocess.run([*moor, "down", *where], check=True)


def _replay(corpus: str, extra: list[str]) -> list[str]:
    if corpus == "golden":
        files = sorted(str(path) for path in (FIXTURES / "golden").glob("*.jsonl"))
        return [str(FIXTURES / "golden" / "replay.py"), *(extra or ["--jobs", "4"]), *files]
    files = sorted(str(path) for path in (FIXTURES / "traces").glob("*.json") if path.stem != "revisions")
    return [str(FIXTURES / "traces" / "run.py"), *(extra or ["--jobs", "8"]), *files]


def _credentials(folder: Path) -> list[str]:
    serving = json.loads((folder / "run" / "serving.info").read_text())
    pki = folder / "pki"
    return [
        "--server", serving["server"], "--ca", str(pki / "ca.crt"),
        "--cert", str(pki / "admin.crt"), "--key", str(pki / "admin.key"),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
