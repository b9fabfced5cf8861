"""Follow, list, undo, restart, pause or stage rollouts.

As kubectl's: status, history, undo, restart, pause, resume. Ours, for StatefulSets: pause, resume, canary, promote, unstick.
"""

import argparse
import contextlib
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from moorage.api import labels
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import CONTROLLERREVISIONS, DAEMONSETS, DEPLOYMENTS, REPLICASETS, STATEFULSETS
from moorage.api.times import format_time
from moorage.base.errors import UsageError, UserError
from moorage.base.ports import Clock
from moorage.base.system import SystemClock
from moorage.cli import context, durations, explaining, flags, resources, sets, waiting
from moorage.cli.context import Context
from moorage.cli.output import gates, rollouts
from moorage.cli.output.describe.sheet import Around
from moorage.cli.output.progress import PROGRESS
from moorage.cli.output.rollouts import Revision
from moorage.cli.resources import Target
from moorage.client.requests import ListOptions, PatchBody, WriteOptions

UNSTICK = "moorage.dev/unstick"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind remembers its revisions, and goes back to one.

    Args:
        records: the objects that are its revisions.
        revisions: (records, workload) → its own revisions, oldest first.
        patch: how the patch of a revision is to be read.
        nothing: what is said where there is no earlier revision; `{name}` is the workload's.
        preview: what a dry run says before the template.
    """

    records: Resource
    revisions: Callable[[Sequence[Document], Document], list[Revision]]
    patch: Literal["strategic", "json"]
    nothing: str
    preview: str = ""


_RECORDED = Kind(
    CONTROLLERREVISIONS,
    rollouts.of_controller_revisions,
    "strategic",
    "no last revision to roll back to",
    "will roll back to ",
)
KINDS = {
    STATEFULSETS: _RECORDED,
    DAEMONSETS: _RECORDED,
    DEPLOYMENTS: Kind(
        REPLICASETS, rollouts.of_replica_sets, "json", 'no rollout history found for deployment "{name}"'
    ),
}
_DRY = {"none": "", "server": " (server dry run)", "client": " (dry run)"}


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("verb", choices=tuple(_VERBS), metavar="VERB", help=", ".join(_VERBS))
    parser.add_argument("what", nargs="+", help="TYPE NAME or TYPE/NAME...")
    flags.boolean(parser, "-w", "--watch", default="", text="status: follow it until it is done (the default)")
    parser.add_argument("--timeout", help="status: give up after a duration such as 2m")
    parser.add_argument("--revision", type=int, help="history: show the pod template of this revision")
    parser.add_argument("--to-revision", type=int, help="undo: go back to this revision instead of the last but one")
    parser.add_argument("--ordinal", type=int, action="append", help="canary: the ordinal to update; may be repeated")
    parser.add_argument("--dry-run", choices=tuple(_DRY), help="undo: change nothing")


def _check_flags(args: argparse.Namespace) -> None:
    """Refuse flags of other verbs. Raises: UsageError."""
    for name in ("watch", "timeout", "revision", "to_revision", "ordinal", "dry_run"):
        if getattr(args, name) not in (None, "") and name not in _FLAGS.get(args.verb, ()):
            raise UsageError(f"rollout {args.verb} takes no --{name.replace('_', '-')}")


async def run(args: argparse.Namespace) -> int:
    """Carry out one verb on each object."""
    _check_flags(args)
    where = context.connect(args)
    wanted = await resources.targets(where.api, args.what)
    if any(not target.name for target in wanted):
        raise UsageError(f"required resource not specified: moor rollout {args.verb} TYPE/NAME")
    act = _VERBS[args.verb]
    for target in wanted:
        found = await where.api.get(target.resource, _key(where, target))
        await act(where, target, found, args)
    return 0


async def _status(where: Context, target: Target, found: Document, args: argparse.Namespace) -> None:
    _check(target, "no status viewer has been implemented for {kind}")
    progress = PROGRESS[target.resource.kind]
    if args.watch == "false":
        print(progress(found, args.revision or 0)[0])
        return
    try:
        with waiting.limited(durations.seconds(args.timeout or "0s")):
            await _follow(where, target, found, args.revision or 0)
    except waiting.TimedOut:
        held = await explaining.served(where, target.resource, found)
        if held is not None:
            print(gates.explained(held, Around(SystemClock().now().astimezone())), file=sys.stderr)
        raise


async def _follow(where: Context, target: Target, found: Document, revision: int) -> None:
    """Tell the progress of a rollout until it is done, and on standard error who must say so. Raises: UserError, ApiError."""
    progress, told = PROGRESS[target.resource.kind], ""
    async with contextlib.aclosing(waiting.states(where, target.resource, found)) as states:
        async for state in states:
            if state is None:
                raise UserError("object has been deleted")
            text, done = progress(state, revision)
            print(text, flush=True)
            if done:
                return
            held = sets.held(state) if target.resource == STATEFULSETS else ""
            if held and held != told:
                print(f"{resources.short(target.resource)}/{target.name} waits: {held}", file=sys.stderr, flush=True)
            told = held


async def _history(where: Context, target: Target, found: Document, args: argparse.Namespace) -> None:
    _check(target, 'error retrieving history for "{kind}", no visitor method exists for {{ {kind}}}')
    revisions = await _revisions(where, target, found)
    name = f"{resources.short(target.resource)}/{target.name}"
    if args.revision:
        print(f"{name} with revision #{args.revision}\n{rollouts.details(revisions, args.revision)}")
        return
    print(f"{name} \n{rollouts.history(revisions)}")


async def _undo(where: Context, target: Target, found: Document, args: argparse.Namespace) -> None:
    _check(target, 'error retrieving rollbacker for "{kind}", no visitor method exists for {{ {kind}}}')
    kind = KINDS[target.resource]
    nothing = kind.nothing.format(name=target.name)
    goal = rollouts.undo_target(await _revisions(where, target, found), args.to_revision or 0, nothing)
    name = f"{resources.short(target.resource)}/{target.name}"
    if args.dry_run == "client":
        print(f"{name} {kind.preview}{rollouts.show_template(goal.template)}{_DRY['client']}")
        return
    if found["spec"].get("paused"):
        raise UserError(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
        )
    if rollouts.is_current(found, goal):
        # kubectl names the revision that was asked for, even where none was, unless it is a set's.
        number = goal.number if kind.patch == "strategic" else args.to_revision or 0
        text = f"skipped rollback (current template already matches revision {number})"
        print(f"{name} {text}{_DRY[args.dry_run or 'none']}")
        return
    options = WriteOptions(dry_run=args.dry_run == "server")
    await where.api.patch(target.resource, _key(where, target), PatchBody(goal.patch, kind.patch), options)
    print(f"{name} rolled back{_DRY[args.dry_run or 'none']}")


async def _restart(where: Context, target: Target, found: Document, _args: argparse.Namespace) -> None:
    _check(target, '{plural} "{name}" restarting is not supported')
    if found["spec"].get("paused"):
        who = f'{target.resource.qualified} "{target.name}"'
        raise UserError(f"{who} can't restart paused deployment (run rollout resume first)")
    body = PatchBody(restart_patch(SystemClock()), "strategic")
    await where.api.patch(target.resource, _key(where, target), body, WriteOptions("kubectl-rollout"))
    print(f"{resources.short(target.resource)}/{target.name} restarted")


def restart_patch(clock: Clock) -> Document:
    """Return the patch that makes every pod of a workload new: the present time in an annotation of its template."""
    annotations = {RESTARTED_AT: format_time(clock.now())}
    return {"spec": {"template": {"metadata": {"annotations": annotations}}}}


async def _unstick(where: Context, target: Target, found: Document, _args: argparse.Namespace) -> None:
    """Let the rollout under way replace outdated pods that are not ready, once its revision is known."""
    _check(target, '{plural} "{name}" cannot be unstuck: only StatefulSets can', (STATEFULSETS,))
    await sets.check_obeyed(where)
    async with contextlib.aclosing(waiting.states(where, target.resource, found)) as states:
        async for state in states:
            if state is None:
                raise UserError("object has been deleted")
            status = state.get("status") or {}
            if (status.get("observedGeneration") or 0) >= state["metadata"]["generation"]:
                break
    body = {"metadata": {"annotations": {UNSTICK: status["updateRevision"]}}}
    await where.api.patch(target.resource, _key(where, target), PatchBody(body, "merge"))
    print(f"{resources.short(target.resource)}/{target.name} unstuck towards {status['updateRevision']}")


async def _pause(where: Context, target: Target, found: Document, args: argparse.Namespace) -> None:
    """Pause a Deployment or the rollouts of a StatefulSet, or let them go on."""
    if target.resource == STATEFULSETS:
        await sets.pause(where, target, found, args.verb)
        return
    pauses = args.verb == "pause"
    who = f'{target.resource.qualified} "{target.name}"'
    if target.resource != DEPLOYMENTS:
        raise UserError(f"{who} {'pausing' if pauses else 'resuming'} is not supported")
    if bool(found["spec"].get("paused")) == pauses:
        raise UserError(f"{who} is {'already' if pauses else 'not'} paused")
    body = PatchBody({"spec": {"paused": True if pauses else None}}, "strategic")
    await where.api.patch(target.resource, _key(where, target), body, WriteOptions("kubectl-rollout"))
    print(f"{resources.short(target.resource)}/{target.name} {'paused' if pauses else 'resumed'}")


async def _canary(where: Context, target: Target, found: Document, args: argparse.Namespace) -> None:
    await sets.canary(where, target, found, args.ordinal or ())


async def _promote(where: Context, target: Target, found: Document, _args: argparse.Namespace) -> None:
    await sets.promote(where, target, found)


def _check(target: Target, text: str, only: tuple[Resource, ...] = tuple(KINDS)) -> None:
    if target.resource not in only:
        resource = target.resource
        raise UserError(text.format(kind=resource.kind, plural=resource.qualified, name=target.name))


async def _revisions(where: Context, target: Target, workload: Document) -> list[Revision]:
    kind = KINDS[target.resource]
    selector = str(labels.from_document(workload["spec"].get("selector")))
    listing = await where.api.list(kind.records, workload["metadata"].get("namespace", ""), ListOptions(selector))
    return kind.revisions(listing.get("items") or (), workload)


def _key(where: Context, target: Target) -> ObjectKey:
    return ObjectKey(where.namespace if target.resource.namespaced else "", target.name)


_FLAGS = {
    "status": ("watch", "timeout", "revision"),
    "history": ("revision",),
    "undo": ("to_revision", "dry_run"),
    "canary": ("ordinal",),
}
Act = Callable[[Context, Target, Document, argparse.Namespace], Awaitable[None]]
_VERBS: dict[str, Act] = {
    "status": _status,
    "history": _history,
    "undo": _undo,
    "restart": _restart,
    "pause": _pause,
    "resume": _pause,
    "canary": _canary,
    "promote": _promote,
    "unstick": _unstick,
}
