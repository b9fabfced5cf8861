"""Create the objects of files, as kubectl create -f does; one that exists already is an error."""

import argparse
import sys

from moorage.base.errors import ApiError
from moorage.cli import context, manifests
from moorage.client import requests, responses
from moorage.client.requests import WriteOptions


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("-f", "--filename", action="append", default=[], help="file, directory or - for standard input")
    parser.add_argument("--dry-run", choices=("none", "server"), default="none", help="server: check, store nothing")
    parser.add_argument(
        "--validate", choices=("strict", "warn", "ignore"), default="strict", help="what unknown fields get"
    )


async def run(args: argparse.Namespace) -> int:
    """Create every object; go on after a refusal, and fail at the end."""
    where = context.connect(args)
    options = WriteOptions("kubectl-create", args.validate.capitalize(), dry_run=args.dry_run == "server")
    status = 0
    for manifest in await manifests.read(where.api, args.filename, where.namespace, explicit=bool(args.namespace)):
        try:
            response = await where.api.raw(requests.create(manifest.resource, manifest.document, options))
            for warning in response.warnings:
                print(f"Warning: {warning}", file=sys.stderr)
            made = await responses.document_of(response)
        except ApiError as error:
            source = f'error when creating "{manifest.source}"'
            print(f"Error from server ({error.reason}): {source}: {error.message}", file=sys.stderr)
            status = 1
            continue
        name = f"{str(manifest).partition('/')[0]}/{made['metadata']['name']}"
        print(f"{name} created{' (server dry run)' if options.dry_run else ''}")
    return status
