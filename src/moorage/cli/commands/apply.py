"""Make objects what files say, as kubectl apply does: only what a manifest says is changed, what it no longer says is removed."""

import argparse
import json
import sys
from collections.abc import Callable

from moorage.api.patch import threeway
from moorage.api.refs import Document
from moorage.api.schema import UNTYPED, Schemas, TypeTable
from moorage.api.schemadata import load_definitions
from moorage.base.errors import ApiError
from moorage.cli import context, manifests
from moorage.cli.context import Context
from moorage.cli.manifests import Manifest
from moorage.client import requests, responses
from moorage.client.ports import Request
from moorage.client.requests import PatchBody, WriteOptions

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
Warn = Callable[[str], None]
MANAGER = "kubectl-client-side-apply"


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("-f", "--filename", action="append", default=[], help="file, directory or - for standard input")
    parser.add_argument("--dry-run", choices=("none", "server"), default="none", help="server: check, store nothing")
    parser.add_argument(
        "--validate", choices=("strict", "warn", "ignore"), default="strict", help="what unknown fields get"
    )


async def run(args: argparse.Namespace) -> int:
    """Apply every object; go on after a refusal, and fail at the end."""
    where = context.connect(args)
    found = await manifests.read(where.api, args.filename, where.namespace, explicit=bool(args.namespace))
    options = WriteOptions(MANAGER, args.validate.capitalize(), dry_run=args.dry_run == "server")
    status = 0
    for manifest in found:
        try:
            verb = await apply(where, manifest, options)
        except ApiError as error:
            text = f"Error from server ({error.reason}): error when applying {manifest.source!r}: {error.message}"
            print(text, file=sys.stderr)
            status = 1
            continue
        print(f"{manifest} {verb}{' (server dry run)' if options.dry_run else ''}")
    return status


def on_stderr(warning: str) -> None:
    """Show a warning of the server as kubectl does."""
    print(f"Warning: {warning}", file=sys.stderr)


async def apply(where: Context, manifest: Manifest, options: WriteOptions, warn: Warn = on_stderr) -> str:
    """Create or patch one object; return what kubectl says of it: `created`, `configured` or `unchanged`.

    Args:
        where: the cluster.
        manifest: the object.
        options: of the write.
        warn: told of the server's warnings.
    """
    modified = _annotated(manifest.document)
    live = await where.api.find(manifest.resource, manifest.key)
    if live is None:
        await _send(where, requests.create(manifest.resource, modified, options), warn)
        return "created"
    original = _last_applied(live)
    patch = threeway.create(original, modified, live, _table(manifest))
    if not patch:
        return "unchanged"
    kind = "strategic" if manifest.resource.definition else "merge"
    body = PatchBody(patch, kind)  # type: ignore[arg-type]  # one of two literals
    after = await _send(where, requests.patch(manifest.resource, manifest.key, body, options), warn)
    same = after["metadata"].get("resourceVersion") == live["metadata"].get("resourceVersion")
    return "unchanged" if same else "configured"


async def _send(where: Context, request: Request, warn: Warn) -> Document:
    """Send a write and show the server's warnings."""
    response = await where.api.raw(request)
    for warning in response.warnings:
        warn(warning)
    return await responses.document_of(response)


def _annotated(document: Document) -> Document:
    """Return the object with itself, as applied, in an annotation: the next apply learns from it what to remove."""
    metadata = document["metadata"]
    kept = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != LAST_APPLIED}
    plain = {**document, "metadata": {**metadata, "annotations": kept}}
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True) + "\n"
    return {**document, "metadata": {**metadata, "annotations": {**kept, LAST_APPLIED: text}}}


def _last_applied(live: Document) -> Document:
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return {}
    parsed = json.loads(text)
    return parsed if isinstance(parsed, dict) else {}


def _table(manifest: Manifest) -> TypeTable:
    definition = manifest.resource.definition
    return Schemas(load_definitions()).table(definition) if definition else UNTYPED
