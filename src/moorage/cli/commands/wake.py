"""Bring back the pods of StatefulSets that hibernate: as many as before, each with its claims."""

import argparse

from moorage.cli import context, sets


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("what", nargs="+", help="sts NAME or sts/NAME...")


async def run(args: argparse.Namespace) -> int:
    """Carry out `wake`."""
    await sets.sleep(args.what, context.connect(args), wakes=True)
    return 0
