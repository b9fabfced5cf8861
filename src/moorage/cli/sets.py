"""What `moor` asks of a StatefulSet beyond Kubernetes: annotations under `moorage.dev/`, written and taken away.

In: a set, as the API gave it. Out: the patch, and the sentence that says what is true now. Next room `cli.commands`.
"""

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey
from moorage.base.errors import UserError
from moorage.cli import resources
from moorage.cli.context import Context
from moorage.cli.resources import Target
from moorage.client.requests import PatchBody, WriteOptions

PAUSED = "moorage.dev/paused"


async def pause(where: Context, target: Target, found: Document, verb: str) -> None:
    """Pause the rollouts of a set (`pause`), or let them go on (`resume`). Raises: UserError, it is so already."""
    pauses = verb == "pause"
    if (meta.annotations(found).get(PAUSED) == "true") == pauses:
        raise UserError(f'{target.resource.qualified} "{target.name}" is {"already" if pauses else "not"} paused')
    await annotate(where, target, found, {PAUSED: "true" if pauses else None})
    print(f"{resources.short(target.resource)}/{target.name} {'paused' if pauses else 'resumed'}")


async def annotate(where: Context, target: Target, found: Document, annotations: dict[str, str | None]) -> None:
    """Set annotations of a set as it was seen; None removes one. Raises: a conflict, where it has changed since."""
    metadata = {"resourceVersion": meta.resource_version(found), "annotations": annotations}
    body = PatchBody({"metadata": metadata}, "merge")
    await where.api.patch(
        target.resource, ObjectKey(meta.namespace(found), meta.name(found)), body, WriteOptions("moor-rollout")
    )
