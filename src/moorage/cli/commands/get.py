"""List objects, as kubectl get does: TYPE[,TYPE…] [NAME…], or TYPE/NAME…"""

import argparse
import sys
from dataclasses import replace
from http import HTTPStatus

from moorage.api.refs import Document, ObjectKey
from moorage.base.errors import UsageError
from moorage.cli import context, manifests, resources
from moorage.cli.context import Context
from moorage.cli.output import columns as orders
from moorage.cli.output import documents, formats, tables
from moorage.cli.output.tables import Columns, Style
from moorage.cli.resources import Target
from moorage.client import requests, responses
from moorage.client.ports import Request
from moorage.client.requests import ListOptions

PAGE = 500
TABLES = ("", "wide")


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser, everywhere=True)
    parser.add_argument("what", nargs="*", help="TYPE[,TYPE...] [NAME...] or TYPE/NAME...")
    parser.add_argument("-o", "--output", default="", help=f"output format: wide, {', '.join(formats.FORMATS)}")
    parser.add_argument("-f", "--filename", action="append", default=[], help="file, directory or - for standard input")
    parser.add_argument("--sort-by", default="", help="path of the field that orders the rows, e.g. .metadata.name")
    parser.add_argument("-l", "--selector", default="", help="label selector")
    parser.add_argument("--field-selector", default="", help="field selector")
    parser.add_argument("-L", "--label-columns", action="append", default=[], help="labels with a column each")
    parser.add_argument("--show-labels", action="store_true", help="a LABELS column at the end")
    parser.add_argument("--show-managed-fields", action="store_true", help="keep managedFields in yaml and json")
    parser.add_argument("--no-headers", action="store_true", help="no heads")
    parser.add_argument("--ignore-not-found", action="store_true", help="an object that is not there is no error")
    parser.add_argument("-w", "--watch", action="store_true", help="go on printing changes")


async def run(args: argparse.Namespace) -> int:
    """Carry out `get`."""
    if args.output not in TABLES:
        formats.check(args.output)
    where = context.connect(args)
    wanted = await _wanted(where, args)
    if args.output in TABLES:
        return await _tables(where, wanted, args)
    if args.watch:
        raise UsageError("-w prints tables only: leave out -o, or use -o wide")
    return await _objects(where, wanted, args)


async def _wanted(where: Context, args: argparse.Namespace) -> list[Target]:
    if not args.filename:
        return await resources.targets(where.api, args.what)
    found = await manifests.read(where.api, args.filename, where.namespace, explicit=bool(args.namespace))
    return [manifest.target for manifest in found]


async def _tables(where: Context, wanted: list[Target], args: argparse.Namespace) -> int:
    if args.watch and len({target.resource for target in wanted}) > 1:
        raise UsageError("you may only specify a single resource type with -w")
    kinds = {target.resource for target in wanted}
    printed = False
    columns = Columns()
    for group in _grouped(wanted):
        table = await _table(where, group, args)
        style = _style(args, where, group[0], several=len(kinds) > 1)
        lines = tables.render(table, style, columns if args.watch else None)
        if lines and printed:
            print()
        print("\n".join(lines), end="\n" if lines else "")
        printed = printed or bool(lines)
        if args.watch:
            return await _follow(where, group[0], args, (table, style, columns))
    if not printed and not args.ignore_not_found:
        print(_nothing(where, wanted), file=sys.stderr)
    return 0


def _grouped(wanted: list[Target]) -> list[list[Target]]:
    groups: dict[object, list[Target]] = {}
    for target in wanted:
        groups.setdefault(target.resource, []).append(target)
    return list(groups.values())


async def _table(where: Context, group: list[Target], args: argparse.Namespace) -> Document:
    """Return one Table with the rows of all targets, which share a resource."""
    merged: Document = {"columnDefinitions": [], "rows": [], "metadata": {}}
    for target in group:
        table = await (_named(where, target, args) if target.name else _page(where, target, args))
        merged["columnDefinitions"] = table.get("columnDefinitions") or merged["columnDefinitions"]
        merged["rows"] += table.get("rows") or []
        merged["metadata"] = table.get("metadata") or {}
    if args.sort_by:
        key = orders.order(args.sort_by)
        merged["rows"].sort(key=lambda row: key(row["object"]))
    return merged


async def _named(where: Context, target: Target, args: argparse.Namespace) -> Document:
    key = ObjectKey(target.within(where.namespace), target.name)
    response = await where.api.raw(_whole(requests.get(target.resource, key, "", tables.ACCEPT), args))
    if response.code == HTTPStatus.NOT_FOUND and args.ignore_not_found:
        return {}
    return await responses.document_of(response)


def _whole(request: Request, args: argparse.Namespace) -> Request:
    """Ask for whole objects beside the rows where they are needed: to sort by any field."""
    return replace(request, query=(*request.query, ("includeObject", "Object"))) if args.sort_by else request


async def _page(where: Context, target: Target, args: argparse.Namespace) -> Document:
    """Return all pages of a collection as one Table."""
    namespace = target.within(where.namespace)
    follow, merged = "", None
    while True:
        options = ListOptions(args.selector, args.field_selector, limit=PAGE, follow=follow, accept=tables.ACCEPT)
        page = await where.api.send(_whole(requests.list_of(target.resource, namespace, options), args))
        if merged is None:
            merged = page
        else:
            merged["rows"] += page.get("rows") or []
        follow = (page.get("metadata") or {}).get("continue", "")
        if not follow:
            return merged


async def _follow(
    where: Context, target: Target, args: argparse.Namespace, shown: tuple[Document, Style, Columns]
) -> int:
    table, style, columns = shown
    namespace = target.within(where.namespace)
    fields = f"metadata.name={target.name}" if target.name else args.field_selector
    revision = (table.get("metadata") or {}).get("resourceVersion", "")
    options = ListOptions(args.selector, fields, revision, accept=tables.ACCEPT)
    definitions = table["columnDefinitions"]
    headed = bool(table["rows"])
    async for event in where.api.watch(target.resource, namespace, options):
        definitions = event.object.get("columnDefinitions") or definitions
        rows = [tables.row(definitions, item, style) for item in event.object.get("rows") or ()]
        first = [] if headed or not style.headers else [tables.heads(definitions, style)]
        headed = True
        print("\n".join(columns.lines([*first, *rows])), flush=True)
    return 0


def _style(args: argparse.Namespace, where: Context, target: Target, *, several: bool) -> Style:
    return Style(
        args.output == "wide",
        where.all_namespaces and target.resource.namespaced,
        args.show_labels,
        tuple(label for group in args.label_columns for label in group.split(",")),
        f"{resources.short(target.resource)}/" if several else "",
        not args.no_headers,
    )


def _nothing(where: Context, wanted: list[Target]) -> str:
    if where.namespace and any(target.resource.namespaced for target in wanted):
        return f"No resources found in {where.namespace} namespace."
    return "No resources found"


async def _objects(where: Context, wanted: list[Target], args: argparse.Namespace) -> int:
    found: list[Document] = []
    for target in wanted:
        found += await _documents(where, target, args)
    if args.sort_by:
        found.sort(key=orders.order(args.sort_by))
    if args.output == "name":
        for document in found:
            resource = next(t.resource for t in wanted if t.resource.kind == document["kind"])
            print(f"{resources.short(resource)}/{document['metadata']['name']}")
        return 0
    single = len(wanted) == 1 and bool(wanted[0].name)
    if single and not found:
        return 0
    shown = found[0] if single else documents.as_list(found)
    if not args.show_managed_fields:
        shown = documents.without_managed_fields(shown)
    print(formats.text(args.output, shown, heads=not args.no_headers), end="")
    return 0


async def _documents(where: Context, target: Target, args: argparse.Namespace) -> list[Document]:
    namespace = target.within(where.namespace)
    if target.name:
        key = ObjectKey(namespace, target.name)
        if args.ignore_not_found:
            found = await where.api.find(target.resource, key)
            return [found] if found else []
        return [await where.api.get(target.resource, key)]
    listing = await where.api.list(target.resource, namespace, ListOptions(args.selector, args.field_selector))
    kind = {"apiVersion": target.resource.api_version, "kind": target.resource.kind}
    return [{**kind, **item} for item in listing.get("items") or ()]
