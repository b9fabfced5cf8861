"""The real kubectl for tests.

In: a cluster. Out: `Kubectl`; a test that needs it is skipped loudly where it is not installed.
"""

import json
import shutil
from typing import Any

import pytest

from tests.e2e.moor import Moor, Result, run


class Kubectl:
    """kubectl bound to one cluster."""

    def __init__(self, moor: Moor) -> None:
        program = shutil.which("kubectl")
        if program is None:
            pytest.skip("KUBECTL NOT TESTED: kubectl is not installed")
        self._program = program
        # Its cache of discovery documents must be of this cluster.
        self.environment = {**moor.environment, "KUBECACHEDIR": str(moor.data_dir / "cache")}

    def run(self, *words: str, text: str = "") -> Result:
        """Run `kubectl WORDS`."""
        return run([self._program, *words], self.environment, text)

    def must(self, *words: str, text: str = "") -> list[str]:
        """Return the lines a command prints that has to succeed."""
        result = self.run(*words, text=text)
        assert result.code == 0, f"kubectl {' '.join(words)}: {result}"
        return result.lines

    def get(self, *words: str) -> dict[str, Any]:
        """Return one object, or a list of them."""
        found: dict[str, Any] = json.loads("\n".join(self.must("get", *words, "-o", "json")))
        return found

    def line(self, *words: str) -> list[str]:
        """Return the whole command line of `kubectl WORDS`."""
        return [self._program, *words]
