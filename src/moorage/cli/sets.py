"""What `moor` asks of a StatefulSet beyond Kubernetes: annotations under `moorage.dev/`, written and taken away.

In: a set, as the API gave it. Out: the patch, and the sentence that says what is true now. Next room `cli.commands`.
"""

from collections.abc import Sequence

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PODS, STATEFULSETS
from moorage.api.views.berth import split_ordinal
from moorage.base.errors import UsageError, UserError
from moorage.cli import resources
from moorage.cli.context import Context
from moorage.cli.resources import Target
from moorage.client.ports import Request
from moorage.client.requests import PatchBody, WriteOptions

PAUSED = "moorage.dev/paused"
CANARY = "moorage.dev/canary"
RESERVED = "moorage.dev/reserved-ordinals"
HIBERNATE = "moorage.dev/hibernate"
Annotations = dict[str, str | None]


async def pause(where: Context, target: Target, found: Document, verb: str) -> None:
    """Pause the rollouts of a set (`pause`), or let them go on (`resume`). Raises: UserError, it is so already."""
    pauses = verb == "pause"
    if (meta.annotations(found).get(PAUSED, "") not in ("", "false")) == pauses:
        raise UserError(f"{who(target)} is {'already' if pauses else 'not'} paused")
    await _change(where, target, found, {PAUSED: "true" if pauses else None})
    _say(target, "paused" if pauses else "resumed")


async def canary(where: Context, target: Target, found: Document, ordinals: Sequence[int]) -> None:
    """Let only these ordinals take rollout steps, paused or not so far. Raises: UsageError, UserError, ApiError."""
    only_sets(target)
    if not ordinals:
        raise UsageError('required flag(s) "ordinal" not set')
    strategy = (found["spec"].get("updateStrategy") or {}).get("type")
    if strategy != "RollingUpdate":
        raise UserError(f"{who(target)} has no canaries: its updateStrategy is {strategy}, not RollingUpdate")
    for ordinal in ordinals:
        await where.api.get(PODS, ObjectKey(meta.namespace(found), f"{target.name}-{ordinal}"))
    words = ",".join(map(str, sorted(set(ordinals))))
    await _change(where, target, found, {CANARY: words, PAUSED: None})
    _say(target, f"canary {words}")


async def promote(where: Context, target: Target, found: Document) -> None:
    """Let the others follow the canaries, down to the partition. Raises: UserError, there are none."""
    only_sets(target)
    if CANARY not in meta.annotations(found):
        raise UserError(f"{who(target)} has no canary: moor rollout canary sts/{target.name} --ordinal N")
    await _change(where, target, found, {CANARY: None, PAUSED: None})
    _say(target, "promoted")


async def remove(where: Context, target: Target, pods: Sequence[str]) -> None:
    """Scale a set down by these pods: their ordinals are reserved from now on. Raises: UserError, not its pods."""
    only_sets(target)
    found = await where.api.get(target.resource, ObjectKey(where.namespace, target.name))
    ordinals = {split_ordinal(pod)[1] for pod in pods if split_ordinal(pod)[0] == target.name}
    if len(ordinals) < len(pods) or -1 in ordinals:
        raise UserError(f"--remove wants different pods of {target.name}, e.g. --remove {target.name}-1")
    for pod in pods:
        await where.api.get(PODS, ObjectKey(where.namespace, pod))
    replicas = found["spec"].get("replicas", 1) - len(ordinals)
    if replicas < 0:
        raise UserError(f"{who(target)} has only {replicas + len(ordinals)} replicas")
    known = meta.annotations(found).get(RESERVED, "")
    words = ",".join([*filter(None, [known]), *map(str, sorted(ordinals))])
    await _change(where, target, found, {RESERVED: words}, {"replicas": replicas})
    _say(target, "scaled")


async def sleep(words: Sequence[str], where: Context, *, wakes: bool) -> None:
    """Take all pods of sets away, or bring them back. Raises: UserError, it is so already."""
    for target in await resources.targets(where.api, list(words)):
        only_sets(target)
        if not target.name:
            raise UsageError(f"name a set: moor {'wake' if wakes else 'hibernate'} sts/NAME")
        found = await where.api.get(target.resource, ObjectKey(where.namespace, target.name))
        if (meta.annotations(found).get(HIBERNATE) == "true") != wakes:
            raise UserError(f"{who(target)} is {'not' if wakes else 'already'} hibernating")
        await _change(where, target, found, {HIBERNATE: None if wakes else "true"})
        _say(target, "awake" if wakes else "hibernating")


def held(found: Document) -> str:
    """Return what keeps a rollout of a set from going on until its owner says so, with the command; "" for nothing."""
    spec, annotations = found["spec"], meta.annotations(found)
    where = f"sts/{meta.name(found)} -n {meta.namespace(found)}"
    if annotations.get(HIBERNATE) == "true":
        return f"it hibernates; to bring its pods back: moor wake {where}"
    status, rolling = found.get("status") or {}, (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    if status.get("updatedReplicas", 0) >= spec.get("replicas", 1) - (rolling.get("partition") or 0):
        return ""
    if annotations.get(PAUSED, "") not in ("", "false"):
        return f"it is paused; to go on: moor rollout resume {where}"
    if CANARY in annotations:
        return f"only canary {annotations[CANARY]} is updated; to go on with the others: moor rollout promote {where}"
    return ""


async def unobeyed(where: Context) -> str:
    """Return who obeys no annotation of ours, "" where they are obeyed. Raises: ApiError."""
    version = str((await where.api.send(Request("GET", "/version"))).get("gitVersion"))
    if "+moorage." not in version:
        return f"this cluster ({version})"
    return "moor up --strict" if version.endswith(".strict") else ""


async def check_obeyed(where: Context) -> None:
    """Raises: UserError, the cluster obeys no annotation of ours: what was asked for would not happen, or worse."""
    who_not = await unobeyed(where)
    if who_not:
        raise UserError(f"nothing was changed: {who_not} obeys no annotation under moorage.dev/")


def without_annotations(document: Document) -> Document:
    """Return a set without annotations of ours, as who obeys none of them sees it; anything else as it is."""
    if document.get("kind") != STATEFULSETS.kind:
        return document
    kept = {name: value for name, value in meta.annotations(document).items() if not name.startswith("moorage.dev/")}
    return {**document, "metadata": {**document["metadata"], "annotations": kept}}


def only_sets(target: Target) -> None:
    """Raises: UserError, for a kind that is no StatefulSet."""
    if target.resource != STATEFULSETS:
        raise UserError(f"{who(target)} is no StatefulSet")


def who(target: Target) -> str:
    """Return an object as kubectl names it in errors."""
    return f'{target.resource.qualified} "{target.name}"'


def _say(target: Target, text: str) -> None:
    print(f"{resources.short(target.resource)}/{target.name} {text}")


async def _change(
    where: Context, target: Target, found: Document, annotations: Annotations, spec: Document | None = None
) -> None:
    """Set annotations of a set as it was seen; None removes one.

    Raises: UserError, nobody would obey them; a conflict, where the set has changed since.
    """
    if any(annotations.values()):
        await check_obeyed(where)
    body: Document = {"metadata": {"resourceVersion": meta.resource_version(found), "annotations": annotations}}
    if spec:
        body["spec"] = spec
    key = ObjectKey(meta.namespace(found), meta.name(found))
    await where.api.patch(target.resource, key, PatchBody(body, "merge"), WriteOptions("moor-rollout"))
