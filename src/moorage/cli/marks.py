"""Setting and removing labels or annotations: what `label` and `annotate` share.

In: words `KEY=VALUE` and `KEY-`. Out: a merge patch for each object. A value that stands is replaced only with --overwrite.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from moorage.api.refs import Document, ObjectKey
from moorage.base.errors import UsageError, UserError
from moorage.cli import context, resources
from moorage.cli.context import Context
from moorage.cli.resources import Target
from moorage.client.requests import ListOptions, PatchBody, WriteOptions

Changes = Mapping[str, str | None]
"""Marks to set; None for those to remove."""
_CHANGE = re.compile(r"[^=]+=.*|[^=/]+(?:/[^=]+)?-", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sort:
    """Which map of the metadata is changed, and how kubectl speaks of it."""

    field: str
    verb: str
    done: str
    undone: str
    refusal: str


LABELS: Final = Sort("labels", "label", "labeled", "unlabeled", "{}, and --overwrite is false")
ANNOTATIONS: Final = Sort(
    "annotations",
    "annotate",
    "annotated",
    "annotated",
    "--overwrite is false but found the following declared annotation(s): {}",
)


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("what", nargs="+", help="TYPE NAME or TYPE/NAME, then KEY=VALUE... or KEY-...")
    parser.add_argument("--overwrite", action="store_true", help="replace a value that stands")
    parser.add_argument("-l", "--selector", default="", help="label selector")
    parser.add_argument("--all", action="store_true", help="all objects of the type in the namespace")


async def run(args: argparse.Namespace, sort: Sort) -> int:
    """Change the marks of every object named."""
    named = [word for word in args.what if not _CHANGE.fullmatch(word)]
    wanted = changes([word for word in args.what if _CHANGE.fullmatch(word)])
    if not wanted:
        raise UsageError(f"at least one {sort.verb} update is required: KEY=VALUE or KEY-")
    where = context.connect(args)
    for target in await resources.targets(where.api, named):
        for document in await _chosen(where, target, args):
            await _mark(where, target, document, sort, wanted, overwrite=args.overwrite)
    return 0


async def _chosen(where: Context, target: Target, args: argparse.Namespace) -> list[Document]:
    namespace = target.within(where.namespace)
    if target.name:
        return [await where.api.get(target.resource, ObjectKey(namespace, target.name))]
    if not args.selector and not args.all:
        raise UsageError("resource(s) were provided, but no name was specified")
    listing = await where.api.list(target.resource, namespace, ListOptions(args.selector))
    return list(listing.get("items") or ())


async def _mark(
    where: Context, target: Target, document: Document, sort: Sort, wanted: Changes, *, overwrite: bool
) -> None:
    metadata = document["metadata"]
    current = metadata.get(sort.field) or {}
    word, patch = decide(current, wanted, sort, overwrite=overwrite)
    for key, value in wanted.items() if sort == LABELS else ():
        if value is None and key not in current:
            print(f'label "{key}" not found.')
    if patch:
        own = ObjectKey(metadata.get("namespace", ""), metadata["name"])
        await where.api.patch(target.resource, own, PatchBody(patch), WriteOptions(f"kubectl-{sort.verb}"))
    print(f"{resources.short(target.resource)}/{metadata['name']} {word}")


def changes(words: Sequence[str]) -> dict[str, str | None]:
    """Return the marks to set, None for those to remove. Raises: UsageError for both of one key."""
    found: dict[str, str | None] = {}
    for word in words:
        key, equals, value = word.partition("=")
        name = key if equals else word[:-1]
        if name in found:
            raise UsageError(f"can not both modify and remove {name} in the same command")
        found[name] = value if equals else None
    return found


def decide(current: Mapping[str, str], wanted: Changes, sort: Sort, *, overwrite: bool) -> tuple[str, Document]:
    """Return what kubectl says of it, and the patch; an empty one where nothing changes. Raises: UserError."""
    for key, value in wanted.items():
        if not overwrite and value is not None and current.get(key, value) != value:
            raise UserError(sort.refusal.format(f"'{key}' already has a value ({current[key]})"))
    news = {key: value for key, value in wanted.items() if current.get(key) != value}
    if not news:
        return f"not {sort.done}", {}
    word = sort.undone if all(value is None for value in news.values()) else sort.done
    return word, {"metadata": {sort.field: news}}
