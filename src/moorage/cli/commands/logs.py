"""Print a container's log, as kubectl logs does: POD or TYPE/NAME."""

import argparse
import math
import sys

from moorage.api.refs import ObjectKey
from moorage.cli import context, durations, pods


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("pod", help="POD or TYPE/NAME")
    parser.add_argument("container", nargs="?", default="", help="container; the default one unless given")
    parser.add_argument("-c", "--container", dest="named", default="", help="container")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as it grows")
    parser.add_argument("-p", "--previous", action="store_true", help="the instance before the last restart")
    parser.add_argument("--tail", type=int, default=-1, help="lines from the end; all unless given")
    parser.add_argument("--since", default="", help="only newer than a duration such as 5s, 2m or 3h")
    parser.add_argument("--timestamps", action="store_true", help="a time in front of each line")


async def run(args: argparse.Namespace) -> int:
    """Carry out `logs`."""
    where = context.connect(args)
    pod = await pods.find(where, args.pod)
    query = [("container", args.named or args.container or pods.default_container(pod))]
    flags = (("follow", args.follow), ("previous", args.previous), ("timestamps", args.timestamps))
    query += [(name, "true") for name, given in flags if given]
    query += [("tailLines", str(args.tail))] if args.tail >= 0 else []
    query += [("sinceSeconds", str(math.ceil(durations.seconds(args.since))))] if args.since else []
    key = ObjectKey(pod["metadata"]["namespace"], pod["metadata"]["name"])
    async for chunk in where.api.logs(key, tuple(query)):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    return 0
