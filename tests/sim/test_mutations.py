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
    command = [sys.executable, "-m", "moorage.sim", "--seeds", str(_SEEDS), "--until", ",".join(sorted(mutation.laws))]
    played = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    found = set(re.findall(r"!! (\w+):", played.stdout))
    assert played.returncode == 1, played.stdout + played.stderr
    assert found & mutation.laws, played.stdout
