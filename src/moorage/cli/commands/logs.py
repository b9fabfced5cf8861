"""Print a container's log, as kubectl logs does: POD or TYPE/NAME."""

import argparse
import sys

from moorage.api.refs import Document, ObjectKey
from moorage.base.errors import UserError
from moorage.cli import context, pods


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
    query = [("container", args.named or args.container or _default_container(pod))]
    flags = (("follow", args.follow), ("previous", args.previous), ("timestamps", args.timestamps))
    query += [(name, "true") for name, given in flags if given]
    query += [("tailLines", str(args.tail))] if args.tail >= 0 else []
    query += [("sinceSeconds", str(_seconds(args.since)))] if args.since else []
    key = ObjectKey(pod["metadata"]["namespace"], pod["metadata"]["name"])
    async for chunk in where.api.logs(key, tuple(query)):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    return 0


def _default_container(pod: Document) -> str:
    names = [container["name"] for container in pod["spec"]["containers"]]
    marked = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    if marked in names:
        return str(marked)
    if len(names) > 1:
        text = f'Defaulted container "{names[0]}" out of: {", ".join(names)}'
        print(text, file=sys.stderr)
    return str(names[0])


def _seconds(text: str) -> int:
    """Return a Go duration (`1h2m3s`) in whole seconds."""
    units = {"s": 1, "m": 60, "h": 3600}
    total, digits = 0, ""
    for character in text:
        if character.isdigit():
            digits += character
        elif character in units and digits:
            total, digits = total + int(digits) * units[character], ""
        else:
            raise UserError(f"invalid duration {text!r}: use e.g. 5s, 2m or 3h")
    if digits:
        raise UserError(f"invalid duration {text!r}: a unit is missing, e.g. {text}s")
    return total
