"""Set or remove annotations, as kubectl annotate does: TYPE NAME or TYPE/NAME, KEY=VALUE…, KEY-…"""

import argparse

from moorage.cli import marks


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    marks.define(parser)


async def run(args: argparse.Namespace) -> int:
    """Carry out `annotate`."""
    return await marks.run(args, marks.ANNOTATIONS)
