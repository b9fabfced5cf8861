"""Stop the cluster of a data directory: agents, pods, containerd, control plane. With --purge, leave nothing at all."""

import argparse
import shutil
import sys
from pathlib import Path

from moorage.assembly import processes, readiness
from moorage.assembly.paths import Paths
from moorage.assembly.settings import Settings
from moorage.base.errors import UserError
from moorage.base.system import SystemClock
from moorage.cli import context

STOP_SECONDS = 15.0
CONTROL_PLANE = "control-plane"


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    parser.add_argument("--data-dir", default="", help="data directory of the cluster")
    parser.add_argument("--purge", action="store_true", help="remove its data too: objects, volumes, images, keys")


async def run(args: argparse.Namespace) -> int:
    """Carry out `down`. Exit status 1 where something could not be removed."""
    paths = Paths(context.data_dir(args.data_dir))
    if not paths.root.exists():
        print(f"no cluster in {paths.root}")
        return 0
    if not paths.run.is_dir():
        raise UserError(f"{paths.root} is not a data directory of moorage: it has no {paths.run.name}/")
    settings = _settings(paths)
    clock = SystemClock()
    # The control plane first: it would start a dead agent again.
    for name in sorted(processes.recorded(paths.run), key=lambda name: name != CONTROL_PLANE):
        process = processes.find(paths.run, name)
        if process is not None:
            await processes.stop(process, clock, STOP_SECONDS)
            print(f"stopped {name} (pid {process.pid})")
        processes.forget(paths.run, name)
    readiness.withdraw(paths.run)
    left = await _stop_containers(settings, purge=args.purge) if settings.runtime == "containerd" else []
    if args.purge:
        _remove(paths.root)
        print(f"removed {paths.root}")
    for line in left:
        print(f"left over: {line}", file=sys.stderr)
    return 1 if left else 0


def _settings(paths: Paths) -> Settings:
    """Return the settings the cluster was last started with."""
    return Settings.load(paths.settings) if paths.settings.exists() else Settings(paths.root, runtime="none")


async def _stop_containers(settings: Settings, *, purge: bool) -> list[str]:
    from moorage.assembly import containers

    return await containers.down(settings, SystemClock(), purge=purge)


def _remove(root: Path) -> None:
    try:
        shutil.rmtree(root)
    except OSError as error:
        raise UserError(f"cannot remove {error.filename}: {error.strerror}") from None
