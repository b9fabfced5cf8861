"""Delete objects, as kubectl delete does: by TYPE NAME…, TYPE/NAME, -l, --all or -f; waits until they are gone."""

import argparse
from collections.abc import Sequence

from moorage.api.refs import ObjectKey, Resource
from moorage.base.errors import ApiError, UsageError
from moorage.cli import context, flags, manifests, resources
from moorage.cli.context import Context
from moorage.client.requests import DeleteOptions, ListOptions, Propagation

_CASCADES: dict[str, Propagation] = {"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("what", nargs="*", help="TYPE NAME... or TYPE/NAME...")
    parser.add_argument("-f", "--filename", action="append", default=[], help="file, directory or - for standard input")
    parser.add_argument("-l", "--selector", default="", help="label selector")
    parser.add_argument("--all", action="store_true", help="all objects of the type in the namespace")
    parser.add_argument("--cascade", choices=tuple(_CASCADES), default="background", help="what becomes of dependents")
    parser.add_argument("--grace-period", type=int, default=-1, help="seconds; the object's own unless given")
    parser.add_argument("--force", action="store_true", help="with --grace-period=0: do not wait for the node")
    parser.add_argument("--now", action="store_true", help="grace period of 1 second")
    flags.boolean(parser, "--wait", text="wait until they are gone")
    parser.add_argument("--ignore-not-found", action="store_true", help="an object that is not there is no error")


async def run(args: argparse.Namespace) -> int:
    """Carry out `delete`."""
    where = context.connect(args)
    options = DeleteOptions(grace_seconds=_grace(args), propagation=_CASCADES[args.cascade])
    doomed: list[tuple[Resource, ObjectKey, str]] = []
    for resource, key in await _chosen(where, args):
        uid = await _delete(where, resource, key, options, args)
        if uid:
            doomed.append((resource, key, uid))
    if args.wait == "true":
        for resource, key, uid in doomed:
            await _until_gone(where, resource, key, uid)
    return 0


def _grace(args: argparse.Namespace) -> int | None:
    if args.now:
        return 1
    if args.force:
        return 0
    if args.grace_period == 0:
        raise UsageError("--grace-period=0 needs --force: the object goes before its processes have ended")
    return None if args.grace_period < 0 else int(args.grace_period)


async def _chosen(where: Context, args: argparse.Namespace) -> list[tuple[Resource, ObjectKey]]:
    if args.filename:
        found = await manifests.read(where.api, args.filename, where.namespace, explicit=bool(args.namespace))
        return [(manifest.resource, manifest.key) for manifest in found]
    targets = await resources.targets(where.api, args.what)
    chosen: list[tuple[Resource, ObjectKey]] = []
    for target in targets:
        namespace = where.namespace if target.resource.namespaced else ""
        if target.name:
            chosen.append((target.resource, ObjectKey(namespace, target.name)))
        elif args.selector or args.all:
            chosen += await _listed(where, target.resource, namespace, args.selector)
        else:
            raise UsageError("resource(s) were provided, but no name was specified")
    return chosen


async def _listed(
    where: Context, resource: Resource, namespace: str, selector: str
) -> list[tuple[Resource, ObjectKey]]:
    listing = await where.api.list(resource, namespace, ListOptions(selector))
    items: Sequence[dict[str, dict[str, str]]] = listing.get("items") or ()
    return [(resource, ObjectKey(item["metadata"].get("namespace", ""), item["metadata"]["name"])) for item in items]


async def _delete(
    where: Context, resource: Resource, key: ObjectKey, options: DeleteOptions, args: argparse.Namespace
) -> str:
    """Ask for one deletion; return the uid to wait for, "" where there is nothing to wait for."""
    try:
        answer = await where.api.delete(resource, key, options)
    except ApiError as error:
        if error.code == 404 and args.ignore_not_found:
            return ""
        raise
    how = " force deleted" if args.force else " deleted"
    print(f'{resources.short(resource)} "{key.name}"{how}')
    if answer.get("kind") == "Status":
        return str((answer.get("details") or {}).get("uid", ""))
    return str(answer["metadata"]["uid"])


async def _until_gone(where: Context, resource: Resource, key: ObjectKey, uid: str) -> None:
    """Return once no object of this uid is left; a watch tells, no polling."""
    live = await where.api.find(resource, key)
    if live is None or live["metadata"]["uid"] != uid:
        return
    options = ListOptions(fields=f"metadata.name={key.name}", revision=live["metadata"]["resourceVersion"])
    async for event in where.api.watch(resource, key.namespace, options):
        if event.type == "DELETED":
            return
        if event.type == "ERROR":
            raise ApiError(event.object)
