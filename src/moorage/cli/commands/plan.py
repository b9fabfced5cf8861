"""Say what a change would do before it is done: steps in order, pods touched, how long, and where it would stall.

The real controllers act on a copy of the cluster, in virtual time; nothing is written to the cluster itself. Exit status: 0 it
would complete, 3 it would not (something is refused or held back).
"""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from moorage.api.refs import ObjectKey
from moorage.base import log
from moorage.base.errors import UsageError, UserError
from moorage.base.system import SystemClock
from moorage.cli import context, manifests, resources, sets
from moorage.cli.commands import apply
from moorage.cli.commands.apply import Warn
from moorage.cli.context import Context
from moorage.cli.manifests import Manifest
from moorage.cli.plan import copying
from moorage.client.api import Api
from moorage.client.requests import PatchBody, WriteOptions

INCOMPLETE = 3
Act = Callable[[Api, Manifest, Warn], Awaitable[str]]


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("-f", "--filename", action="append", default=[], help="file, directory or - for standard input")
    parser.add_argument("what", nargs="*", help="instead of files: TYPE NAME or TYPE/NAME..., as they are or scaled")
    parser.add_argument("--replicas", type=int, help="scale what is named to this number")
    parser.add_argument("--json", action="store_true", help="for programs")


async def run(args: argparse.Namespace) -> int:
    """Carry out `plan`."""
    where = context.connect(args)
    wanted, act = await _change(where, args)
    copy = await copying.copy(where.api, [one.document for one in wanted])
    objects = copy.objects
    if await sets.unobeyed(where):
        objects = [sets.without_annotations(one) for one in objects]
        wanted = [replace(one, document=sets.without_annotations(one.document)) for one in wanted]
    # Only here: the copy is a whole cluster, whose import takes longer than most commands run.
    from moorage.cli.output import foresights
    from moorage.cli.plan.foresight import foresee

    log.silence()
    found = await asyncio.to_thread(foresee, objects, wanted, act, SystemClock().now())
    if copy.unread:
        found.assumptions.append(f"{', '.join(copy.unread)} may not be read and are taken to be in order")
    print(json.dumps(found.document(), indent=4) if args.json else foresights.story(found))
    return 0 if found.completes else INCOMPLETE


async def _change(where: Context, args: argparse.Namespace) -> tuple[list[Manifest], Act]:
    """Return the objects to plan for, and what is done to each. Raises: UsageError, UserError, ApiError (no such object)."""
    if not args.what:
        if args.replicas is not None:
            raise UsageError("--replicas needs an object: moor plan sts/NAME --replicas=N")
        if not args.filename:
            raise UsageError("name files or objects: moor plan -f FILE, or moor plan TYPE/NAME")
        explicit = bool(args.namespace)
        return await manifests.read(where.api, args.filename, where.namespace, explicit=explicit), apply_one
    if args.filename:
        raise UsageError("name either files or objects, not both")
    named = [await _live(where, target) for target in await resources.targets(where.api, args.what)]
    return named, partial(_scale_one, replicas=args.replicas)


async def _live(where: Context, target: resources.Target) -> Manifest:
    if not target.name:
        raise UserError("name one object: moor plan TYPE/NAME")
    key = ObjectKey(target.within(where.namespace), target.name)
    return Manifest(target.resource, key, await where.api.get(target.resource, key), "the cluster")


async def _scale_one(api: Api, manifest: Manifest, _warn: Warn, replicas: int | None) -> str:
    """Scale one object, or leave it as it is where no number is given. Raises: ApiError."""
    if replicas is None:
        return "unchanged"
    body = PatchBody({"spec": {"replicas": replicas}}, "merge", "scale")
    await api.patch(manifest.resource, manifest.key, body)
    return "scaled"


async def apply_one(api: Api, manifest: Manifest, warn: Warn = apply.on_stderr) -> str:
    """Apply one object as `moor apply` does; return `created`, `configured` or `unchanged`. Raises: ApiError."""
    options = WriteOptions(apply.MANAGER, "Strict")
    return await apply.apply(Context(api, manifest.key.namespace), manifest, options, warn)
