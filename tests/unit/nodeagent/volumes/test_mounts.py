"""Real mounts, where the machine allows them: memory, subPaths, and their removal."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.nodeagent.volumes.confine import opened
from moorage.nodeagent.volumes.mounts import LinuxMounts

pytestmark = pytest.mark.e2e


@pytest.fixture
def mounts(tmp_path: Path) -> Iterator[LinuxMounts]:
    """What mounts; whatever a test leaves is taken away."""
    if os.geteuid() != 0:
        pytest.skip("MOUNTS NOT TESTED: only root may mount")
    found = LinuxMounts()
    try:
        found.tmpfs(tmp_path, 0)
    except OSError as error:
        pytest.skip(f"MOUNTS NOT TESTED: {error}")
    yield found
    for point in found.below(tmp_path):
        found.unmount(point)


def test_memory_is_mounted_once_and_has_a_size(mounts: LinuxMounts, tmp_path: Path) -> None:
    place = tmp_path / "with space"
    place.mkdir()
    mounts.tmpfs(place, 1 << 20)
    (place / "file").write_text("x")
    mounts.tmpfs(place, 1 << 20)
    assert (place / "file").exists()
    assert mounts.below(place) == [place]
    assert os.statvfs(place).f_blocks * os.statvfs(place).f_frsize == 1 << 20


def test_a_part_of_a_volume_is_bound_and_bound_again(mounts: LinuxMounts, tmp_path: Path) -> None:
    volume, target = tmp_path / "volume", tmp_path / "pod" / "part"
    (volume / "sub").mkdir(parents=True)
    (volume / "sub" / "file").write_text("x")
    for _ in range(2):
        with opened(volume, "sub") as descriptor:
            assert mounts.bind(descriptor, target) == target
    assert (target / "file").read_text() == "x"
    assert mounts.below(target) == [target]
    mounts.unmount(target)
    mounts.unmount(target)
    assert mounts.below(tmp_path / "pod") == []
    assert (volume / "sub" / "file").exists()


def test_a_single_file_can_be_bound(mounts: LinuxMounts, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with opened(tmp_path, "file") as descriptor:
        mounts.bind(descriptor, tmp_path / "pod" / "file")
    assert (tmp_path / "pod" / "file").read_text() == "x"
