"""Say what an object waits for: the culprit first, what was seen, since when, what opens it and the command for it.

Without a name: everything in the namespace that is not settled. Works on any Kubernetes: what its server does not explain is
worked out here from what may be read.
"""

import argparse

from moorage.api.refs import Document, ObjectKey
from moorage.base.errors import UserError
from moorage.base.system import SystemClock
from moorage.cli import context, explaining, resources
from moorage.cli.context import Context
from moorage.cli.output import documents, gates
from moorage.cli.output.describe.sheet import Around
from moorage.why.explain import EXPLAINED


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser, everywhere=True)
    parser.add_argument("what", nargs="*", help="TYPE NAME or TYPE/NAME...; all that is held back unless given")
    parser.add_argument("--history", action="store_true", help="every plan that is remembered, oldest first")
    parser.add_argument("-o", "--output", default="", choices=("", "json"), help="output format")


async def run(args: argparse.Namespace) -> int:
    """Carry out `why`."""
    where = context.connect(args)
    around = Around(SystemClock().now().astimezone())
    if not args.what:
        found = await explaining.everything(where)
        if args.output == "json":
            print(documents.as_json({"apiVersion": "v1", "kind": "List", "items": found}).rstrip("\n"))
            return 0
        lines = [gates.in_one_line(one, around, everywhere=where.all_namespaces) for one in found]
        print("\n".join(lines) or gates.NOTHING)
        return 0
    for target in await resources.targets(where.api, args.what):
        print(_shown(await _one(where, target, plans=args.history), around, args))
    return 0


async def _one(where: Context, target: resources.Target, *, plans: bool) -> Document:
    if target.resource not in EXPLAINED:
        known = ", ".join(resource.plural for resource in EXPLAINED)
        raise UserError(f"moor why explains {known}; not {target.resource.plural}")
    if not target.name:
        raise UserError("name one object, e.g. moor why sts/web; moor why alone shows all that is held back")
    key = ObjectKey(target.within(where.namespace), target.name)
    return await explaining.one(where, target.resource, key, plans=plans)


def _shown(found: Document, around: Around, args: argparse.Namespace) -> str:
    if args.output == "json":
        return documents.as_json(found).rstrip("\n")
    return gates.story(found, around) if args.history else gates.explained(found, around)
