"""Builds container images without tools: layers, config, manifest, and the tar of an OCI image layout.

In: file trees as plain values. Out: `Image` values for `registry`, or bytes for `moor image import`.
Same input, same bytes.
Source: OCI image specification 1.0 (image layout, manifest, config); fact sheet runtime, section 4.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
# Reproducible images carry no build time.
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder or link of a layer.

    Args:
        path: without leading slash.
        content: of a file.
        mode: permission bits.
        link: target, makes this a symbolic link.
        folder: makes this a folder.
    """

    path: str
    content: bytes = b""
    mode: int = 0o755
    link: str = ""
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an image consists of.

    Args:
        entries: the files.
        entrypoint: command that is always run.
        command: its default arguments.
        env: `NAME=value` items.
        ports: exposed, e.g. `80/tcp`.
        volumes: paths declared as volumes.
        architecture: in Go's words, e.g. `amd64`.
    """

    entries: Sequence[Entry]
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    env: Sequence[str] = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)
    ports: Sequence[str] = ()
    volumes: Sequence[str] = ()
    architecture: str = "amd64"


@dataclass(frozen=True, slots=True)
class Image:
    """A built image: every blob by digest, and the digest of its manifest."""

    manifest_digest: str
    blobs: dict[str, bytes] = field(default_factory=dict)

    @property
    def manifest(self) -> bytes:
        """The manifest's bytes."""
        return self.blobs[self.manifest_digest]


def digest(data: bytes) -> str:
    """Return the content address of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def build(recipe: Recipe) -> Image:
    """Return the image a recipe describes."""
    plain = _layer(recipe.entries)
    layer = gzip.compress(plain, mtime=0)
    config = _encode(_config(recipe, digest(plain)))
    manifest = _encode(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": _descriptor(CONFIG_TYPE, config),
            "layers": [_descriptor(LAYER_TYPE, layer)],
        }
    )
    return Image(digest(manifest), {digest(blob): blob for blob in (layer, config, manifest)})


def oci_archive(images: dict[str, Image]) -> bytes:
    """Return a tar of an OCI image layout.

    Args:
        images: image by full reference, host included, e.g. `docker.io/library/busybox:1`.

    Returns:
        The tar's bytes, uncompressed.
    """
    manifests = [
        {
            **_descriptor(MANIFEST_TYPE, image.manifest),
            # containerd takes the image's name from this annotation.
            "annotations": {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": _tag(name)},
        }
        for name, image in images.items()
    ]
    files = {
        "oci-layout": _encode({"imageLayoutVersion": "1.0.0"}),
        "index.json": _encode({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": manifests}),
    }
    for image in images.values():
        files |= {f"blobs/{key.replace(':', '/')}": blob for key, blob in image.blobs.items()}
    return _tar([Entry(path, content, 0o644) for path, content in sorted(files.items())])


def _layer(entries: Sequence[Entry]) -> bytes:
    # Parents of every path come first, so that unpacking never guesses a mode.
    named = {entry.path: entry for entry in entries}
    for entry in entries:
        parts = entry.path.split("/")[:-1]
        for length in range(1, len(parts) + 1):
            path = "/".join(parts[:length])
            named.setdefault(path, Entry(path, folder=True))
    return _tar([named[path] for path in sorted(named)])


def _tar(entries: Sequence[Entry]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.path)
            info.mode = entry.mode
            if entry.link:
                info.type, info.linkname = tarfile.SYMTYPE, entry.link
            elif entry.folder:
                info.type = tarfile.DIRTYPE
            else:
                info.size = len(entry.content)
            archive.addfile(info, io.BytesIO(entry.content) if info.isreg() else None)
    return target.getvalue()


def _config(recipe: Recipe, diff_id: str) -> dict[str, Any]:
    process: dict[str, Any] = {
        "Entrypoint": list(recipe.entrypoint),
        "Cmd": list(recipe.command),
        "Env": list(recipe.env),
        "ExposedPorts": {port: {} for port in recipe.ports},
        "Volumes": {path: {} for path in recipe.volumes},
    }
    return {
        "created": EPOCH,
        "architecture": recipe.architecture,
        "os": "linux",
        "config": {key: value for key, value in process.items() if value},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        "history": [{"created": EPOCH, "created_by": "moorage"}],
    }


def _descriptor(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def _encode(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _tag(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name.rpartition("/")[2] else "latest"
