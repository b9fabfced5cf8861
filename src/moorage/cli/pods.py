"""The pod that words mean: a pod's name, or any workload or Service whose selector finds one.

In: `POD` or `TYPE/NAME`. Out: a Pod document, the first ready one, as kubectl picks it.
"""

import sys
from typing import Any

from moorage.api import conditions, labels
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PODS
from moorage.base.errors import UserError
from moorage.cli import resources
from moorage.cli.context import Context
from moorage.client.requests import ListOptions


async def find(where: Context, word: str) -> Document:
    """Return the pod. Raises: UserError where nothing is found, ApiError where the object does not exist."""
    if "/" not in word:
        return await where.api.get(PODS, ObjectKey(where.namespace, word))
    (target,) = await resources.targets(where.api, [word])
    found = await where.api.get(target.resource, ObjectKey(where.namespace, target.name))
    if target.resource == PODS:
        return found
    selector = _selector(found)
    listing = await where.api.list(PODS, where.namespace, ListOptions(selector))
    items = sorted(listing.get("items") or (), key=lambda pod: (not is_ready(pod), pod["metadata"]["name"]))
    if not selector or not items:
        raise UserError(f"no pods found for {word}")
    first: Document = items[0]
    return first


def is_ready(pod: Document) -> bool:
    """Return whether a pod's Ready condition is True."""
    return conditions.is_true(pod, "Ready")


def default_container(pod: Document, *, quiet: bool = False) -> str:
    """Return the container that is meant where none is named; says which on standard error where there are several."""
    names = [container["name"] for container in pod["spec"]["containers"]]
    marked = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    if marked in names:
        return str(marked)
    inits = [container["name"] for container in pod["spec"].get("initContainers") or ()]
    if len(names) + len(inits) > 1 and not quiet:
        others = ", ".join([*names, *(f"{name} (init)" for name in inits)])
        print(f'Defaulted container "{names[0]}" out of: {others}', file=sys.stderr)
    return str(names[0])


def _selector(document: Document) -> str:
    """Return the selector of a workload (a LabelSelector) or of a Service (a plain map) as text."""
    selector: dict[str, Any] = document["spec"].get("selector") or {}
    typed = "matchLabels" in selector or "matchExpressions" in selector
    return str(labels.from_document(selector) if typed else labels.from_map(selector))
