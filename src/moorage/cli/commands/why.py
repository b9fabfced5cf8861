"""Say what an object waits for: the culprit first, what was seen, since when, what opens it and the command for it.

Without a name: everything in the namespace that is not settled.
"""

import argparse

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.base.errors import ApiError, UserError
from moorage.base.system import SystemClock
from moorage.cli import context, resources
from moorage.cli.context import Context
from moorage.cli.output import documents, gates
from moorage.cli.output.describe.sheet import Around
from moorage.client.ports import Request
from moorage.client.requests import ListOptions
from moorage.why.explain import EXPLAINED, EXPLANATIONS, name_of

SETTLED = "Settled"


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
        listed = await where.api.list(EXPLANATIONS, where.namespace, ListOptions(fields=f"state!={SETTLED}"))
        if args.output == "json":
            print(documents.as_json(listed).rstrip("\n"))
            return 0
        print("\n".join(gates.in_one_line(one, around) for one in listed["items"]) or gates.NOTHING)
        return 0
    for target in await resources.targets(where.api, args.what):
        print(_shown(await _one(where, target, plans=args.history), around, args))
    return 0


async def _explanation(where: Context, resource: Resource, key: ObjectKey, *, plans: bool) -> Document:
    """Return why an object is not further. Raises: ApiError (404: of the object itself), UserError (no such API)."""
    path = EXPLANATIONS.path(key.namespace, name_of(resource, key.name))
    try:
        return await where.api.send(Request("GET", path, (("plans", "true"),) if plans else ()))
    except ApiError as problem:
        if problem.code != 404:
            raise
        await where.api.get(resource, key)
        raise UserError("this server explains nothing: moor why asks a control plane of moorage") from None


async def _one(where: Context, target: resources.Target, *, plans: bool) -> Document:
    if target.resource not in EXPLAINED:
        known = ", ".join(resource.plural for resource in EXPLAINED)
        raise UserError(f"moor why explains {known}; not {target.resource.plural}")
    if not target.name:
        raise UserError("name one object, e.g. moor why sts/web; moor why alone shows all that is held back")
    key = ObjectKey(target.within(where.namespace), target.name)
    return await _explanation(where, target.resource, key, plans=plans)


def _shown(found: Document, around: Around, args: argparse.Namespace) -> str:
    if args.output == "json":
        return documents.as_json(found).rstrip("\n")
    return gates.story(found.get("plans") or (), around) if args.history else gates.explained(found, around)
