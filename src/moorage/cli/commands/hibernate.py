"""Take all pods of StatefulSets away; replica count and claims stay. `moor wake` brings them back."""

import argparse

from moorage.cli import context, sets


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("what", nargs="+", help="sts NAME or sts/NAME...")


async def run(args: argparse.Namespace) -> int:
    """Carry out `hibernate`."""
    await sets.sleep(args.what, context.connect(args), wakes=False)
    return 0
