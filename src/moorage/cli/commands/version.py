"""Print versions of moor and of the server."""

import argparse

from moorage import __version__
from moorage.base.errors import MoorageError
from moorage.cli import context
from moorage.client.ports import Request


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("--client", action="store_true", help="of moor only")


async def run(args: argparse.Namespace) -> int:
    """Carry out `version`."""
    print(f"Client Version: {__version__}")
    if args.client:
        return 0
    try:
        answer = await context.connect(args).api.send(Request("GET", "/version"))
    except MoorageError as error:
        print(f"Server Version: none ({error})")
        return 1
    print(f"Server Version: {answer.get('gitVersion')}")
    return 0
