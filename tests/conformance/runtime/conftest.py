"""Fixtures of the runtime suite: each test runs on the made-up runtime and, where the machine can, on containerd.

In: the machine. Out: `backend`, `real`, `pods`.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.nodeagent.cri.prerequisites import missing
from tests.conformance.runtime.backends import BUSYBOX, Backend, ContainerdBackend, Pods, SimBackend


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerdBackend]:
    """A running containerd; what it leaves behind fails the run."""
    lacks = missing() + ([] if BUSYBOX.exists() else [f"{BUSYBOX} is not installed"])
    if lacks:
        pytest.skip(f"REAL CONTAINERS NOT TESTED: {'; '.join(lacks)}")
    containerd = ContainerdBackend(tmp_path_factory.mktemp("cri"))
    asyncio.run(containerd.start())
    yield containerd
    assert asyncio.run(containerd.stop()) == []


@pytest.fixture(params=["sim", pytest.param("containerd", marks=pytest.mark.e2e)])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each implementation in turn."""
    if request.param == "sim":
        return SimBackend()
    found: Backend = request.getfixturevalue("real")
    return found


@pytest.fixture
def pods(tmp_path: Path) -> Pods:
    """A maker of pods for this test."""
    return Pods(tmp_path)
