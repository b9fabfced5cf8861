"""`moor demo` as a user runs it: the story to the end, on simulated and on real pods, and a claim that fails it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from moorage.assembly import containers
from moorage.cli.demo import images

SECONDS = 300
STEPS = 10


def demo(*words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end."""
    return subprocess.run(
        [sys.executable, "-m", "moorage", "demo", *words],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )


def check(told: subprocess.CompletedProcess[str], folder: Path) -> None:
    """Assert that every step was told, every claim observed and the data directory removed."""
    assert told.returncode == 0, told.stdout + told.stderr
    assert "✗" not in told.stdout
    assert " 0 not." in told.stdout
    summary = told.stdout.partition("\nSummary\n")[2].splitlines()
    assert sum(line.startswith("  ✓") for line in summary) == STEPS
    assert not folder.exists()


@pytest.mark.slow
def test_the_story_on_simulated_pods(tmp_path: Path) -> None:
    folder = tmp_path / "cluster"
    told = demo("--runtime", "sim", "--data-dir", str(folder))
    check(told, folder)
    assert "simulated pods have no inside" in told.stdout
    assert "moor exec" not in told.stdout


@pytest.mark.e2e
@pytest.mark.slow
def test_the_story_on_real_containers(tmp_path: Path) -> None:
    lacks = containers.missing() + images.missing()
    if lacks:
        pytest.skip("; ".join(lacks))
    folder = tmp_path / "cluster"
    told = demo("--data-dir", str(folder))
    check(told, folder)
    assert "the data of myapp-3 is back" in told.stdout
    assert "is left over" in told.stdout


@pytest.mark.slow
def test_a_cluster_that_cannot_start_fails_the_demo_and_leaves_nothing(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("no directory")
    told = demo("--runtime", "sim", "--data-dir", str(blocker / "cluster"))
    assert told.returncode == 1
    assert "✗ the cluster starts" in told.stdout
    assert blocker.read_text() == "no directory"


def test_somebody_elses_directory_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    told = demo("--runtime", "sim", "--data-dir", str(tmp_path))
    assert told.returncode != 0
    assert "is not empty" in told.stderr
    assert (tmp_path / "mine").read_text() == "precious"


def test_an_unknown_runtime_is_wrong_usage() -> None:
    told = demo("--runtime", "docker")
    assert told.returncode == 2
    assert "--runtime must be one of containerd, sim" in told.stderr
