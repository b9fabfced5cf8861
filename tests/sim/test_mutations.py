"""Each known-bad change is caught within 200 seeds, by a law that speaks of it.

In: `mutations`. Out: the laws that a simulation of the changed copy, in a process of its own, finds broken.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import moorage
from tests.sim.mutations import MUTATIONS, Mutation

PACKAGE = Path(moorage.__file__).parent
_SEEDS = 200


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_the_simulation_catches(mutation: Mutation, tmp_path: Path) -> None:
    copy = tmp_path / "moorage"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    source = (copy / mutation.file).read_text()
    assert source.count(mutation.right) == 1, (
        f"{mutation.file} has changed: say in mutations.py where the mistake goes now"
    )
    (copy / mutation.file).write_text(source.replace(mutation.right, mutation.wrong))
    # The seed that showed it last time comes first; where the product has changed since, all are tried.
    assert _catches(tmp_path, mutation, mutation.seed, 1) or _catches(tmp_path, mutation, 0, _SEEDS), mutation.name


def _catches(package: Path, mutation: Mutation, first: int, count: int) -> bool:
    """Return whether one of these seeds breaks one of the laws in a process of its own."""
    command = [sys.executable, "-m", "moorage.sim", "--first", str(first), "--seeds", str(count)]
    command += ["--until", ",".join(sorted(mutation.laws))]
    played = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(package)}, capture_output=True, text=True, check=False
    )
    assert played.returncode in (0, 1), played.stderr
    return bool(mutation.laws & set(re.findall(r"!! (\w+):", played.stdout)))
