"""Run one node agent in the foreground. `moor up` starts one a node; nobody else needs this."""

import argparse
import asyncio
import signal
from pathlib import Path

from moorage.assembly.paths import Paths
from moorage.assembly.settings import Settings
from moorage.base import log


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    parser.add_argument("--data-dir", required=True, help="data directory of the cluster")
    parser.add_argument("--node", required=True, help="name of the node")
    parser.add_argument("--server", required=True, help="URL of the API")


async def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM."""
    from moorage.assembly import agent

    settings = Settings.load(Paths(Path(args.data_dir)).settings)
    log.configure(verbose=settings.verbose)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await agent.serve(settings, args.node, args.server, stopped)
    return 0
