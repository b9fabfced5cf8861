"""Show objects in detail, with their events, as kubectl describe does: TYPE [NAME or its beginning], TYPE/NAME, -l, -f."""

import argparse
import sys
from collections.abc import Awaitable, Callable

from moorage.api import labels
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import ENDPOINTSLICES, EVENTS, LEASES, PODS, REPLICASETS, SECRETS
from moorage.base.errors import ApiError
from moorage.base.system import SystemClock
from moorage.cli import context, explaining, flags, manifests, resources
from moorage.cli.context import Context
from moorage.cli.output import gates
from moorage.cli.output.describe import printers
from moorage.cli.output.describe.sheet import Around
from moorage.cli.resources import Target
from moorage.client.requests import ListOptions

NODE_LEASES = "kube-node-lease"


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser, everywhere=True)
    parser.add_argument("what", nargs="*", help="TYPE [NAME or its beginning] or TYPE/NAME...")
    parser.add_argument("-f", "--filename", action="append", default=[], help="file, directory or - for standard input")
    parser.add_argument("-l", "--selector", default="", help="label selector")
    flags.boolean(parser, "--show-events", text="show the events of each object")


async def run(args: argparse.Namespace) -> int:
    """Carry out `describe`."""
    where = context.connect(args)
    options = (args.selector, args.show_events == "true")
    pages = [page for target in await _targets(where, args) for page in await _pages(where, target, options)]
    if not pages:
        place = f" in {where.namespace} namespace." if where.namespace else ""
        print(f"No resources found{place}", file=sys.stderr)
    print("\n\n".join(pages), end="")
    return 0


async def _targets(where: Context, args: argparse.Namespace) -> list[Target]:
    if not args.filename:
        return await resources.targets(where.api, args.what)
    found = await manifests.read(where.api, args.filename, where.namespace, explicit=bool(args.namespace))
    return [manifest.target for manifest in found]


async def _pages(where: Context, target: Target, options: tuple[str, bool]) -> list[str]:
    """Return the description of the object, or of all whose name begins so, or of the collection. Raises: ApiError."""
    resource, (selector, with_events) = target.resource, options
    namespace = target.within(where.namespace)
    if not target.name:
        listed = await _items(where, resource, namespace, ListOptions(selector))
        return [await _described(where, resource, one, with_events=with_events) for one in listed]
    try:
        found = await where.api.get(resource, ObjectKey(namespace, target.name))
    except ApiError as error:
        if error.code != 404:
            raise
        listed = await _items(where, resource, namespace, ListOptions())
        similar = [one for one in listed if one["metadata"]["name"].startswith(target.name)]
        if not similar:
            raise
        texts = [await _described(where, resource, one, with_events=with_events) for one in similar]
        return ["\n".join([*texts, ""])]
    return [await _described(where, resource, found, with_events=with_events)]


async def _items(where: Context, resource: Resource, namespace: str, options: ListOptions) -> list[Document]:
    listing = await where.api.list(resource, namespace, options)
    kind = {"apiVersion": resource.api_version, "kind": resource.kind}
    return [{**kind, **item} for item in listing.get("items") or ()]


async def _described(where: Context, resource: Resource, document: Document, *, with_events: bool) -> str:
    gather = _AROUND.get(resource.kind)
    around = Around(SystemClock().now().astimezone(), await gather(where, document) if gather else ())
    wanted = with_events and resource.kind not in printers.WITHOUT_EVENTS
    page = printers.describe(document, around, await _events(where, resource, document) if wanted else None)
    held = await explaining.served(where, resource, document)
    return page + (gates.section(held, around) if held else "")


async def _events(where: Context, resource: Resource, document: Document) -> list[Document]:
    """Return the events of an object; those of a cluster-scoped one lie in whatever namespace they were written to."""
    metadata = document["metadata"]
    namespace, uid = metadata.get("namespace", ""), metadata.get("uid", "")
    # Nodes are events' only subjects known by name: kubelets and controllers do not agree on their uid.
    about = [("name", metadata["name"]), ("namespace", namespace), ("kind", resource.kind)]
    about += [("uid", uid)] if uid and resource.kind != "Node" else []
    fields = ",".join(f"involvedObject.{name}={value}" for name, value in about)
    return await _items(where, EVENTS, namespace, ListOptions(fields=fields))


async def _pods_of_selector(where: Context, workload: Document) -> list[Document]:
    selector = str(labels.from_document(workload["spec"].get("selector")))
    return await _items(where, PODS, workload["metadata"]["namespace"], ListOptions(selector))


async def _sets_of_selector(where: Context, workload: Document) -> list[Document]:
    selector = str(labels.from_document(workload["spec"].get("selector")))
    return await _items(where, REPLICASETS, workload["metadata"]["namespace"], ListOptions(selector))


async def _pods_of_namespace(where: Context, claim: Document) -> list[Document]:
    return await _items(where, PODS, claim["metadata"]["namespace"], ListOptions())


async def _secrets_of_namespace(where: Context, account: Document) -> list[Document]:
    return await _items(where, SECRETS, account["metadata"]["namespace"], ListOptions())


async def _slices(where: Context, service: Document) -> list[Document]:
    metadata = service["metadata"]
    selector = f"kubernetes.io/service-name={metadata['name']}"
    return await _items(where, ENDPOINTSLICES, metadata["namespace"], ListOptions(selector))


async def _life_of_node(where: Context, node: Document) -> list[Document]:
    name = node["metadata"]["name"]
    fields = f"spec.nodeName={name},status.phase!=Succeeded,status.phase!=Failed"
    lease = await where.api.find(LEASES, ObjectKey(NODE_LEASES, name))
    pods = await _items(where, PODS, "", ListOptions(fields=fields))
    return [*pods, *([{**lease, "kind": "Lease"}] if lease else [])]


_AROUND: dict[str, Callable[[Context, Document], Awaitable[list[Document]]]] = {
    "StatefulSet": _pods_of_selector,
    "DaemonSet": _pods_of_selector,
    "ReplicaSet": _pods_of_selector,
    "Deployment": _sets_of_selector,
    "PersistentVolumeClaim": _pods_of_namespace,
    "ServiceAccount": _secrets_of_namespace,
    "Service": _slices,
    "Node": _life_of_node,
}
