"""Images made without tools, and the registry's names for them."""

import gzip
import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from moorage.nodeagent.cri import standins
from moorage.nodeagent.cri.imagebuild import Entry, Image, Recipe, build, digest, oci_archive
from moorage.nodeagent.cri.references import full_reference

RECIPE = Recipe(
    (Entry("a/b/run", b"#!", 0o755), Entry("bin/sh", link="busybox"), Entry("tmp", folder=True, mode=0o1777))
)


def layer(image: Image) -> tarfile.TarFile:
    """Return the image's only layer."""
    blob = image.blobs[json.loads(image.manifest)["layers"][0]["digest"]]
    return tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob)))


def test_same_recipe_same_bytes() -> None:
    assert build(RECIPE) == build(RECIPE)


def test_blobs_are_under_their_own_digest_and_size() -> None:
    image = build(RECIPE)
    assert [key for key, blob in image.blobs.items() if digest(blob) != key] == []
    manifest = json.loads(image.manifest)
    for descriptor in (manifest["config"], *manifest["layers"]):
        assert len(image.blobs[descriptor["digest"]]) == descriptor["size"]


def test_the_layer_holds_the_entries_and_their_parents_first() -> None:
    with layer(build(RECIPE)) as archive:
        assert archive.getnames() == ["a", "a/b", "a/b/run", "bin", "bin/sh", "tmp"]
        assert archive.getmember("bin/sh").linkname == "busybox"
        assert archive.getmember("tmp").mode == 0o1777


def test_the_config_names_the_uncompressed_layer() -> None:
    image = build(RECIPE)
    manifest = json.loads(image.manifest)
    config = json.loads(image.blobs[manifest["config"]["digest"]])
    plain = gzip.decompress(image.blobs[manifest["layers"][0]["digest"]])
    assert config["rootfs"]["diff_ids"] == [digest(plain)]


def test_the_archive_is_an_image_layout_with_full_names() -> None:
    image = build(RECIPE)
    with tarfile.open(fileobj=io.BytesIO(oci_archive({"docker.io/x/y:1": image}))) as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        index = json.loads(files["index.json"].read())  # type: ignore[union-attr] # a regular file
        assert index["manifests"][0]["annotations"]["io.containerd.image.name"] == "docker.io/x/y:1"
        assert f"blobs/{image.manifest_digest.replace(':', '/')}" in files


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("ikubernetes/myapp:v5", "docker.io/ikubernetes/myapp:v5"),
        ("localhost/a:1", "localhost/a:1"),
        ("host:5000/a/b", "host:5000/a/b:latest"),
        ("quay.io/a/b@sha256:00", "quay.io/a/b@sha256:00"),
    ],
)
def test_references_are_completed(short: str, full: str) -> None:
    assert full_reference(short) == full


def test_demo_images_differ_only_by_version_and_end_on_a_signal() -> None:
    images = standins.demo_images(b"program")
    assert list(images) == ["ikubernetes/myapp:v5", "ikubernetes/myapp:v6"]
    with layer(images["ikubernetes/myapp:v6"]) as archive:
        script = archive.extractfile("entry").read().decode()  # type: ignore[union-attr] # a regular file
        assert "Hello MyApp | Version: v6 | $(hostname)" in script
        assert "trap" in script
        assert "usr/share/nginx/html" in archive.getnames()


def test_the_pause_program_waits_until_it_is_told(tmp_path: Path) -> None:
    program = tmp_path / "pause"
    program.write_bytes(standins.pause_program())
    program.chmod(0o755)
    with subprocess.Popen([program]) as running:
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.1)
        running.terminate()
        assert running.wait(5) == -15
