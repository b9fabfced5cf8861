"""List, import or remove the images of this machine's containerd: list, import FILE…, rm IMAGE…"""

import argparse
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from moorage.base.errors import RuntimeFailure, UsageError, UserError
from moorage.base.system import SystemClock
from moorage.cli import context
from moorage.cli.output import images
from moorage.cli.output.tables import Columns

if TYPE_CHECKING:
    from moorage.nodeagent.cri.images import Images
    from moorage.nodeagent.cri.layout import Layout

CRI_PLUGIN = "io.containerd.grpc.v1.cri"


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    parser.add_argument("verb", choices=tuple(_VERBS), metavar="VERB", help=", ".join(_VERBS))
    parser.add_argument("what", nargs="*", help="import: OCI or docker archives; rm: names or ids of images")
    parser.add_argument("--data-dir", default="", help="data directory of the cluster")


async def run(args: argparse.Namespace) -> int:
    """Carry out one verb."""
    if bool(args.what) == (args.verb == "list"):
        raise UsageError("moor image list | moor image import FILE... | moor image rm IMAGE...")
    # Only here: gRPC takes longer to import than most other commands run.
    from moorage.nodeagent.cri.calls import Calls
    from moorage.nodeagent.cri.images import Images
    from moorage.nodeagent.cri.layout import Layout

    layout = Layout(context.data_dir(args.data_dir))
    if not layout.socket.exists():
        raise UserError(f"no containerd runs for {layout.data_dir}; start a cluster with: moor up")
    calls = Calls(layout.socket, SystemClock())
    try:
        await _VERBS[args.verb](Images(calls), layout, args.what)
    except RuntimeFailure as failure:
        raise UserError(failure.message) from None
    finally:
        calls.close()
    return 0


async def _list(found: "Images", _layout: "Layout", _words: list[str]) -> None:
    print("\n".join(Columns().lines(images.rows(await found.list()))))


async def _import(_found: "Images", layout: "Layout", words: list[str]) -> None:
    from moorage.nodeagent.cri import machine

    files = [_existing(word) for word in words]
    for file in files:
        for name in await machine.import_archive(file, layout, SystemClock(), _snapshotter(layout)):
            print(f"{name} imported")


def _existing(word: str) -> Path:
    if not Path(word).is_file():
        raise UserError(f'the path "{word}" does not exist')
    return Path(word)


def _snapshotter(layout: "Layout") -> str:
    """Return the snapshotter that the running containerd was configured with: only images unpacked there are of use."""
    plugins = tomllib.loads(layout.config.read_text()).get("plugins") or {}
    containerd = (plugins.get(CRI_PLUGIN) or {}).get("containerd") or {}
    return str(containerd.get("snapshotter", "overlayfs"))


async def _remove(found: "Images", _layout: "Layout", words: list[str]) -> None:
    for word in words:
        image = await found.get(word)
        if image is None:
            raise UserError(f"no such image: {word}; see: moor image list")
        await found.remove(image.id)
        print(f"{word} removed")


_VERBS: dict[str, Callable[["Images", "Layout", list[str]], Awaitable[None]]] = {
    "list": _list,
    "import": _import,
    "rm": _remove,
}
