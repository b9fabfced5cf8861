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
from moorage.client.requests import ListOptions, PatchBody, WriteOptions

_CHANGE = re.compile(r"[^=]+=.*|[^=/]+(?:/[^=]+)?-", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sort:
    """Which map of the metadata is changed, and how kubectl speaks of it."""

    field: str
    verb: str
    done: str
    undone: str


LABELS: Final = Sort("labels", "label", "labeled", "unlabeled")
ANNOTATIONS: Final = Sort("annotations", "annotate", "annotated", "annotated")


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
    options = WriteOptions(f"kubectl-{sort.verb}")
    for target in await resources.targets(where.api, named):
        namespace = target.within(where.namespace)
        if target.name:
            found = [await where.api.get(target.resource, ObjectKey(namespace, target.name))]
        elif args.selector or args.all:
            found = (await where.api.list(target.resource, namespace, ListOptions(args.selector))).get("items") or []
        else:
            raise UsageError("resource(s) were provided, but no name was specified")
        for document in found:
            metadata = document["metadata"]
            word, patch = decide(metadata.get(sort.field) or {}, wanted, sort, overwrite=args.overwrite)
            if patch:
                key = ObjectKey(metadata.get("namespace", ""), metadata["name"])
                await where.api.patch(target.resource, key, PatchBody(patch), options)
            print(f"{resources.short(target.resource)}/{metadata['name']} {word}")
    return 0


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


def decide(
    current: Mapping[str, str], wanted: Mapping[str, str | None], sort: Sort, *, overwrite: bool
) -> tuple[str, Document]:
    """Return what kubectl says of it, and the patch; an empty one where nothing changes. Raises: UserError."""
    for key, value in wanted.items():
        if not overwrite and value is not None and current.get(key, value) != value:
            raise UserError(f"'{key}' already has a value ({current[key]}), and --overwrite is false")
    news = {key: value for key, value in wanted.items() if current.get(key) != value}
    if not news:
        return f"not {sort.done}", {}
    word = sort.undone if all(value is None for value in news.values()) else sort.done
    return word, {"metadata": {sort.field: news}}
