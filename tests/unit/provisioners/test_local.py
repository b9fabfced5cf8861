"""The local backend makes and erases one directory a volume, and follows nothing out of its root."""

import asyncio
from pathlib import Path

import pytest

from moorage.provisioners.backends.local import LocalBackend
from moorage.provisioners.ports import ProvisioningFailed, Volume


def volume(name: str = "pvc-1") -> Volume:
    return Volume(name, "default", "data", 1, "node-0")


def test_create_and_remove_are_idempotent(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path, ("node-0",))

    async def scenario() -> None:
        await backend.create(volume())
        (tmp_path / "pvc-1" / "page").write_text("kept")
        await backend.create(volume())
        assert (tmp_path / "pvc-1" / "page").read_text() == "kept"
        await backend.remove("pvc-1", backend.source(volume()))
        await backend.remove("pvc-1", backend.source(volume()))

    asyncio.run(scenario())
    assert list(tmp_path.iterdir()) == []


def test_a_half_erased_volume_is_erased_by_the_next_call(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path, ())
    (tmp_path / ".erasing-pvc-1" / "deep").mkdir(parents=True)
    asyncio.run(backend.remove("pvc-1", backend.source(volume())))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../etc", "a/b", "", "."])
def test_names_cannot_leave_the_root(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProvisioningFailed, match="is not a volume name"):
        asyncio.run(LocalBackend(tmp_path, ()).create(volume(name)))


def test_an_edited_source_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "precious"
    other.mkdir()
    backend = LocalBackend(tmp_path / "root", ())
    with pytest.raises(ProvisioningFailed, match="remove its data by hand"):
        asyncio.run(backend.remove("pvc-1", {"local": {"path": str(other)}}))
    assert other.exists()


def test_a_link_in_place_of_a_volume_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "pvc-1").symlink_to(target)
    with pytest.raises(ProvisioningFailed, match="is a link"):
        asyncio.run(LocalBackend(root, ()).create(volume()))
