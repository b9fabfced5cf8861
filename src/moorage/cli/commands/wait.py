"""Wait until something is true of objects, as kubectl wait does: condition, jsonpath or delete."""

import argparse
import contextlib

from moorage.api.refs import Document, ObjectKey
from moorage.base.errors import UserError
from moorage.cli import context, durations, resources, waiting
from moorage.cli.context import Context
from moorage.cli.output import conditions
from moorage.cli.output.conditions import Test
from moorage.cli.resources import Target
from moorage.client.requests import ListOptions


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("what", nargs="+", help="TYPE NAME or TYPE/NAME...")
    parser.add_argument(
        "--for", dest="goal", required=True, help="condition=NAME[=VALUE], jsonpath={PATH}[=VALUE], delete"
    )
    parser.add_argument("-l", "--selector", default="", help="label selector")
    parser.add_argument("--all", action="store_true", help="all objects of the type in the namespace")
    parser.add_argument("--timeout", default="30s", help="give up after a duration such as 2m")


async def run(args: argparse.Namespace) -> int:
    """Carry out `wait`."""
    test = conditions.test_of(args.goal)
    seconds = durations.seconds(args.timeout)
    where = context.connect(args)
    found = [
        pair for target in await resources.targets(where.api, args.what) for pair in await _chosen(where, target, args)
    ]
    if not found and test is not None:
        raise UserError("no matching resources found")
    for target, document in found:
        try:
            with waiting.limited(max(seconds, 0.001)):
                await _until(where, target, document, test)
        except waiting.TimedOut:
            name = document["metadata"]["name"]
            raise UserError(f"{waiting.TIMED_OUT} on {target.resource.plural}/{name}") from None
        print(f"{resources.short(target.resource)}/{document['metadata']['name']} condition met")
    return 0


async def _chosen(where: Context, target: Target, args: argparse.Namespace) -> list[tuple[Target, Document]]:
    namespace = target.within(where.namespace)
    if target.name:
        if args.goal.lower() == "delete":
            live = await where.api.find(target.resource, ObjectKey(namespace, target.name))
            return [(target, live)] if live else []
        return [(target, await where.api.get(target.resource, ObjectKey(namespace, target.name)))]
    if not args.selector and not args.all:
        raise UserError("resource(s) were provided, but no name, label selector, or --all flag specified")
    listing = await where.api.list(target.resource, namespace, ListOptions(args.selector))
    return [(target, item) for item in listing.get("items") or ()]


async def _until(where: Context, target: Target, document: Document, test: Test | None) -> None:
    async with contextlib.aclosing(waiting.states(where, target.resource, document)) as states:
        async for state in states:
            if state is None and test is None:
                return
            if state is not None and test is not None and test(state):
                return
