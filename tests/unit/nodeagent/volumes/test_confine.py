"""No path leads out of its root."""

import os
from pathlib import Path

import pytest

from moorage.nodeagent.volumes.confine import Escape, is_within, make_directories, opened, walk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A volume with a file, a link that stays inside, and links that do not."""
    volume = tmp_path / "volume"
    (volume / "sub").mkdir(parents=True)
    (volume / "sub" / "file").write_text("inside")
    (tmp_path / "secret").write_text("outside")
    (volume / "stays").symlink_to("sub")
    (volume / "leaves").symlink_to("../secret")
    (volume / "absolute").symlink_to("/etc")
    return volume


def content(root: Path, path: str) -> str:
    with opened(root, path) as descriptor:
        return Path(f"/proc/self/fd/{descriptor}").read_text()


def test_what_stays_inside_is_opened(root: Path) -> None:
    assert content(root, "sub/file") == "inside"
    assert content(root, "stays/file") == "inside"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "leaves", "absolute/passwd", "sub/../../secret"])
def test_what_leads_out_is_refused(root: Path, path: str) -> None:
    with pytest.raises(Escape):
        content(root, path)


@pytest.mark.parametrize("path", ["leaves", "absolute/passwd", "stays/file"])
def test_the_walk_for_older_kernels_follows_no_link(root: Path, path: str) -> None:
    base = os.open(root, os.O_PATH)
    try:
        with pytest.raises(Escape):
            os.close(walk(base, path))
    finally:
        os.close(base)


def test_directories_are_made_inside_only(root: Path) -> None:
    make_directories(root, "sub/new/deep", 0o770)
    assert (root / "sub" / "new" / "deep").stat().st_mode & 0o777 == 0o770
    with pytest.raises(Escape):
        make_directories(root, "absolute/made-by-test", 0o777)
    assert not Path("/etc/made-by-test").exists()


def test_within_looks_through_links(root: Path, tmp_path: Path) -> None:
    assert is_within(str(root / "sub"), (str(root),))
    assert not is_within(str(root / "leaves"), (str(root),))
    (tmp_path / "door").symlink_to(root)
    assert is_within(str(tmp_path / "door" / "sub"), (str(root),))
