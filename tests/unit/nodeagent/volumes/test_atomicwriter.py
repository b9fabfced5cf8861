"""Files that change all at once."""

import os
from pathlib import Path

import pytest

from moorage.base.system import SystemIds
from moorage.nodeagent.volumes.atomicwriter import AtomicWriter, File
from moorage.nodeagent.volumes.confine import Escape
from tests.fakes.clock import ManualClock


@pytest.fixture
def writer() -> AtomicWriter:
    return AtomicWriter(ManualClock(), SystemIds())


def test_the_layout_is_the_kubelets(tmp_path: Path, writer: AtomicWriter) -> None:
    assert writer.write(tmp_path, {"a": File(b"1", 0o400), "dir/b": File(b"2")})
    assert (tmp_path / "a").read_text() == "1"
    assert (tmp_path / "dir" / "b").read_text() == "2"
    assert os.readlink(tmp_path / "a") == "..data/a"
    assert os.readlink(tmp_path / "..data").startswith("..2026_01_01_00_00_00.")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o400


def test_the_same_payload_changes_nothing(tmp_path: Path, writer: AtomicWriter) -> None:
    writer.write(tmp_path, {"a": File(b"1")})
    before = os.readlink(tmp_path / "..data")
    assert not writer.write(tmp_path, {"a": File(b"1")})
    assert os.readlink(tmp_path / "..data") == before


def test_a_change_swaps_everything_and_leaves_nothing_old(tmp_path: Path, writer: AtomicWriter) -> None:
    writer.write(tmp_path, {"a": File(b"1"), "gone": File(b"x")})
    assert writer.write(tmp_path, {"a": File(b"2"), "new": File(b"y")})
    assert sorted(entry.name for entry in tmp_path.iterdir() if not entry.name.startswith("..")) == ["a", "new"]
    assert len([entry for entry in tmp_path.iterdir() if entry.name.startswith("..2026")]) == 1
    assert (tmp_path / "a").read_text() == "2"


@pytest.mark.parametrize("path", ["../out", "/etc/out", "a/../../out"])
def test_a_path_out_of_the_volume_is_refused_before_anything_is_written(
    tmp_path: Path, writer: AtomicWriter, path: str
) -> None:
    with pytest.raises(Escape):
        writer.write(tmp_path, {path: File(b"1")})
    assert list(tmp_path.iterdir()) == []
