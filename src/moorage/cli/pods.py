"""The pod that words mean: a pod's name, or any workload or Service whose selector finds one.

In: `POD` or `TYPE/NAME`. Out: a Pod document, the first ready one, as kubectl picks it.
"""

from typing import Any

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
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _selector(document: Document) -> str:
    selector: dict[str, Any] = document["spec"].get("selector") or {}
    labels = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    return ",".join(f"{key}={value}" for key, value in labels.items())
