"""Plays a change on the copy until it is done, or nothing happens any more.

In: the copy, manifests. Out: `Foresight`. The copy is a whole cluster in virtual time (`sim.world`), whose API server judges the
manifests as the live one would, and whose controllers are the real ones.
"""

import datetime
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.api import conditions, meta, scheme
from moorage.api.refs import Document
from moorage.base.errors import ApiError, Bug, UserError
from moorage.cli.manifests import Manifest
from moorage.cli.output.progress import PROGRESS
from moorage.cli.plan.fixed import fixed_fields
from moorage.cli.plan.steps import Step, names, told
from moorage.cli.plan.tempo import measured
from moorage.client.api import Api
from moorage.client.requests import ListOptions
from moorage.sim.recording import StateChange
from moorage.sim.world import Options, World, in_virtual_time
from moorage.why.explain import EXPLAINED, EXPLANATIONS
from moorage.why.table import Opener

QUIET_SECONDS = 60.0
"""Virtual seconds without a step after which a change has come to its end; what an object itself may wait is added."""
LIMIT_SECONDS = 24 * 3600.0
_CAN_STALL = frozenset(EXPLAINED) - {scheme.SERVICES, scheme.PODDISRUPTIONBUDGETS}
_OF_INTEREST = frozenset(
    one.plural
    for one in (scheme.PODS, scheme.PERSISTENTVOLUMECLAIMS, scheme.STATEFULSETS, scheme.DEPLOYMENTS, scheme.DAEMONSETS)
)
Apply = Callable[[Api, Manifest, Callable[[str], None]], Awaitable[str]]
"""Applies a manifest, tells of warnings; returns `created`, `configured` or `unchanged`. Raises: ApiError."""


@dataclass(slots=True)
class Foresight:
    """What would happen.

    Args:
        applied: (object, what became of it), in order of the manifests.
        refused: (object, the server's sentence).
        fixed: (object, field it changes and Kubernetes does not let change).
        warnings: of the server.
        steps: in order.
        seconds: until it is done, or stands still.
        stalls: explanations of what is held back at the end.
        begun: when it was played: the present of the live cluster.
        ended: when the copy came to rest.
        assumptions: sentences about what was not known.
    """

    begun: datetime.datetime
    applied: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    fixed: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    stalls: list[Document] = field(default_factory=list)
    ended: datetime.datetime | None = None
    assumptions: list[str] = field(default_factory=list)

    @property
    def completes(self) -> bool:
        """Whether nothing is refused and nothing stalls."""
        return not self.refused and not self.stalls

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "completes": self.completes,
            "seconds": round(self.seconds, 3),
            "applied": [{"object": name, "result": result} for name, result in self.applied],
            "refused": [{"object": name, "message": message} for name, message in self.refused],
            "fixedFields": [{"object": name, "field": line} for name, line in self.fixed],
            "warnings": self.warnings,
            "steps": [step.document() for step in self.steps],
            "podsReplaced": names(self.steps, "Pod", "delete"),
            "podsCreated": names(self.steps, "Pod", "create"),
            "claimsCreated": names(self.steps, "PersistentVolumeClaim", "create"),
            "stalls": self.stalls,
            "assumptions": self.assumptions,
        }


def foresee(
    objects: Sequence[Document], manifests: Sequence[Manifest], apply: Apply, now: datetime.datetime
) -> Foresight:
    """Return what a change would do. Blocking: run it in a thread of its own. Raises: Bug, a part of the copy died.

    Args:
        objects: the copy.
        manifests: the change.
        apply: carries one manifest out.
        now: the present of the live cluster.
    """
    tempo = measured((one for one in objects if one["kind"] == "Pod"), now)
    down = frozenset(
        meta.name(one) for one in objects if one["kind"] == "Node" and not conditions.is_true(one, "Ready")
    )
    found = Foresight(now, fixed=_fixed(objects, manifests))
    options = Options(objects=objects, start=now, pace=tempo.pace(), down=down)
    quiet = QUIET_SECONDS + _own_waits([*objects, *(one.document for one in manifests)])

    async def work(world: World) -> None:
        begin, first = world.clock.monotonic(), len(world.changes)
        for manifest in manifests:
            try:
                found.applied.append((str(manifest), await apply(world.api(), manifest, found.warnings.append)))
            except ApiError as refusal:
                found.refused.append((str(manifest), _sentence(refusal.message)))
        await world.settle(quiet, LIMIT_SECONDS)
        found.ended = world.clock.now()
        found.steps = told(world.changes[first:], objects, begin)
        found.seconds = _last(world.changes[first:], begin)
        found.stalls = await _stalls(world.api(), manifests)

    world = in_virtual_time(options, work)
    if world.deaths:
        raise Bug(f"the copy of the cluster broke: {world.deaths[0]}")
    found.assumptions = list(tempo.used)
    found.fixed = [one for one in found.fixed if one[0] not in _malformed(found.refused)]
    return found


def _sentence(message: str) -> str:
    """Return a refusal without the patch it quotes: what is wrong comes after it."""
    return message.rpartition('": ')[2] if "patch: Invalid value" in message else message


def _malformed(refused: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return what is refused for another reason than that a field cannot change."""
    return frozenset(name for name, text in refused if "Forbidden" not in text and "immutable" not in text)


def _last(changes: Sequence[StateChange], begin: float) -> float:
    """Return when the last pod, claim or workload was written, status included: a set may wait until a pod is available."""
    instants = [one.instant - begin for one in changes if one.resource in _OF_INTEREST]
    return max(instants, default=0.0)


async def _stalls(api: Api, manifests: Sequence[Manifest]) -> list[Document]:
    """Return the explanations of applied workloads and claims that did not get where they were to."""
    wanted = [one for one in manifests if one.resource in _CAN_STALL and not await _rolled_out(api, one)]
    asked = {(one.resource.kind, one.key.namespace, one.key.name) for one in wanted}
    listed = await api.list(EXPLANATIONS, "", ListOptions(fields="state!=Settled"))
    return [_timeless(one) for one in listed["items"] if _subject(one) in asked and one["state"] != "Held"]


def _timeless(explanation: Document) -> Document:
    """Return an explanation without its times, which are of the copy, and without what the object asks for itself."""
    stalling = [gate for gate in explanation["gates"] if gate["opener"] != Opener.CHOICE.value]
    gates = [{key: value for key, value in gate.items() if key != "since"} for gate in stalling]
    plain = {key: explanation[key] for key in ("kind", "apiVersion", "metadata", "subject", "state")}
    return {**plain, "gates": gates}


def _fixed(objects: Sequence[Document], manifests: Sequence[Manifest]) -> list[tuple[str, str]]:
    live = {(one["kind"], meta.namespace(one), meta.name(one)): one for one in objects}
    places = [(one, (one.resource.kind, one.key.namespace, one.key.name)) for one in manifests]
    return [
        (str(one), field) for one, place in places if place in live for field in fixed_fields(live[place], one.document)
    ]


async def _rolled_out(api: Api, manifest: Manifest) -> bool:
    """Return whether `rollout status` is content: some gates hold back other things than the rollout."""
    progress = PROGRESS.get(manifest.resource.kind)
    workload = await api.find(manifest.resource, manifest.key) if progress else None
    if progress is None or workload is None:
        return False
    try:
        return progress(workload, 0)[1]
    except UserError:
        return False


def _subject(explanation: Document) -> tuple[str, str, str]:
    subject = explanation["subject"]
    return subject["kind"], subject.get("namespace", ""), subject["name"]


def _own_waits(documents: Sequence[Document]) -> float:
    """Return how long objects may wait by their own word before they go on: nothing is written meanwhile."""
    waits = [0.0]
    for one in documents:
        spec = one.get("spec") or {}
        if one["kind"] in ("StatefulSet", "Deployment", "ReplicaSet", "DaemonSet"):
            waits.append(float(spec.get("minReadySeconds") or 0))
        if one["kind"] == "Deployment":
            waits.append(float(spec.get("progressDeadlineSeconds") or 600))
    return max(waits)
