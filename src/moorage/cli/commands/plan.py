"""Say what files would do before they do it: steps in order, pods touched, how long, and where it would stall.

The real controllers act on a copy of the cluster, in virtual time; nothing is written to the cluster itself. Exit status: 0 it
would complete, 3 it would not (something is refused or held back).
"""

import argparse
import asyncio
import json

from moorage.base.system import SystemClock
from moorage.cli import context, manifests
from moorage.cli.commands import apply
from moorage.cli.commands.apply import Warn
from moorage.cli.context import Context
from moorage.cli.manifests import Manifest
from moorage.cli.plan import copying
from moorage.client.api import Api
from moorage.client.requests import WriteOptions

INCOMPLETE = 3


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("-f", "--filename", action="append", default=[], help="file, directory or - for standard input")
    parser.add_argument("--json", action="store_true", help="for programs")


async def run(args: argparse.Namespace) -> int:
    """Carry out `plan`."""
    where = context.connect(args)
    wanted = await manifests.read(where.api, args.filename, where.namespace, explicit=bool(args.namespace))
    copy = await copying.copy(where.api, [one.document for one in wanted])
    # Only here: the copy is a whole cluster, whose import takes longer than most commands run.
    from moorage.cli.output import foresights
    from moorage.cli.plan.foresight import foresee

    found = await asyncio.to_thread(foresee, copy.objects, wanted, apply_one, SystemClock().now())
    found.assumptions += [f"{what} may not be read and are taken to be in order" for what in copy.unread]
    print(json.dumps(found.document(), indent=4) if args.json else foresights.story(found))
    return 0 if found.completes else INCOMPLETE


async def apply_one(api: Api, manifest: Manifest, warn: Warn = apply.on_stderr) -> str:
    """Apply one object as `moor apply` does; return `created`, `configured` or `unchanged`. Raises: ApiError."""
    options = WriteOptions(apply.MANAGER, "Strict")
    return await apply.apply(Context(api, manifest.key.namespace), manifest, options, warn)
