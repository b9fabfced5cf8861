"""Say what an object waits for: each gate that holds its controller back, since when, and what would open it."""

import argparse

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.base.errors import UsageError
from moorage.base.system import SystemClock
from moorage.cli import context, resources
from moorage.cli.output import documents, gates
from moorage.cli.output.describe.sheet import Around
from moorage.client.ports import Request

PATH = "/moorage/v1/why"
CLUSTER_WIDE = "-"
"""Stands for the namespace of an object that has none."""


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("what", nargs="+", help="TYPE NAME or TYPE/NAME...")
    parser.add_argument("--history", action="store_true", help="every plan that is remembered, oldest first")
    parser.add_argument("-o", "--output", default="", choices=("", "json"), help="output format")


async def run(args: argparse.Namespace) -> int:
    """Carry out `why`."""
    where = context.connect(args)
    around = Around(SystemClock().now().astimezone())
    for target in await resources.targets(where.api, args.what):
        if not target.name:
            raise UsageError("name one object: moor why TYPE/NAME, e.g. moor why sts/web")
        key = ObjectKey(where.namespace if target.resource.namespaced else "", target.name)
        await where.api.get(target.resource, key)
        answer = await where.api.send(Request("GET", path(target.resource, key)))
        print(_shown(f"{resources.short(target.resource)}/{target.name}", answer, around, args).rstrip("\n"))
    return 0


def path(resource: Resource, key: ObjectKey) -> str:
    """Return where the API serves the plans of an object: `/moorage/v1/why/statefulsets.apps/default/web`."""
    return f"{PATH}/{resource.qualified}/{key.namespace or CLUSTER_WIDE}/{key.name}"


def _shown(name: str, answer: Document, around: Around, args: argparse.Namespace) -> str:
    entries = answer.get("entries") or []
    if args.output == "json":
        return documents.as_json(answer)
    return gates.story(entries, around) if args.history else gates.held_back(name, entries, around)
