"""Set the number of replicas, as kubectl scale does. Ours, for StatefulSets: remove chosen pods for good."""

import argparse

from moorage.api.refs import ObjectKey
from moorage.base.errors import UsageError, UserError
from moorage.cli import context, resources, sets
from moorage.client.requests import PatchBody


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("what", nargs="+", help="TYPE NAME or TYPE/NAME...")
    parser.add_argument("--replicas", type=int, help="the number wanted")
    parser.add_argument("--current-replicas", type=int, default=-1, help="only if this is the present number")
    parser.add_argument("--remove", action="append", metavar="POD", help="remove this pod of a set; may be repeated")


async def run(args: argparse.Namespace) -> int:
    """Carry out `scale`."""
    if (args.replicas is None) == (not args.remove):
        problem = "--replicas and --remove exclude each other" if args.remove else 'required flag(s) "replicas" not set'
        raise UsageError(problem)
    if args.replicas is not None and args.replicas < 0:
        raise UserError("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    where = context.connect(args)
    for target in await resources.targets(where.api, args.what):
        if not target.name:
            raise UserError("resource name is required: moor scale TYPE NAME --replicas=N")
        if args.remove:
            await sets.remove(where, target, args.remove)
            continue
        key = ObjectKey(where.namespace if target.resource.namespaced else "", target.name)
        body: dict[str, object] = {"spec": {"replicas": args.replicas}}
        if args.current_replicas >= 0:
            scale = await where.api.get(target.resource, key, "scale")
            if scale["spec"].get("replicas", 0) != args.current_replicas:
                raise UserError(
                    f"Expected replicas to be {args.current_replicas}, was {scale['spec'].get('replicas', 0)}"
                )
            body["metadata"] = {"resourceVersion": scale["metadata"]["resourceVersion"]}
        await where.api.patch(target.resource, key, PatchBody(body, "merge", "scale"))
        print(f"{resources.short(target.resource)}/{target.name} scaled")
    return 0
