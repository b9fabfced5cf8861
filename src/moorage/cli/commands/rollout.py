"""Follow, list, undo, restart or unstick rollouts. As kubectl's: status, history, undo, restart, pause, resume. Ours: unstick."""

import argparse
import contextlib
from collections.abc import Awaitable, Callable

from moorage.api import labels
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import CONTROLLERREVISIONS, STATEFULSETS
from moorage.api.times import format_time
from moorage.base.errors import UsageError, UserError
from moorage.base.ports import Clock
from moorage.base.system import SystemClock
from moorage.cli import context, durations, flags, resources, waiting
from moorage.cli.context import Context
from moorage.cli.output import rollouts
from moorage.cli.resources import Target
from moorage.client.requests import ListOptions, PatchBody, WriteOptions

UNSTICK = "moorage.dev/unstick"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
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
    parser.add_argument("--dry-run", choices=tuple(_DRY), help="undo: change nothing")


def _check_flags(args: argparse.Namespace) -> None:
    """Refuse flags of other verbs. Raises: UsageError."""
    for name in ("watch", "timeout", "revision", "to_revision", "dry_run"):
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
    if args.watch == "false":
        print(rollouts.progress(found)[0])
        return
    with waiting.limited(durations.seconds(args.timeout or "0s")):
        async with contextlib.aclosing(waiting.states(where, target.resource, found)) as states:
            async for state in states:
                if state is None:
                    raise UserError("object has been deleted")
                text, done = rollouts.progress(state)
                print(text, flush=True)
                if done:
                    return


async def _history(where: Context, target: Target, found: Document, args: argparse.Namespace) -> None:
    _check(target, 'error retrieving history for "{kind}", no visitor method exists for {{ {kind}}}')
    revisions = await _revisions(where, found)
    name = f"{resources.short(target.resource)}/{target.name}"
    if args.revision:
        print(f"{name} with revision #{args.revision}\n{rollouts.details(revisions, args.revision)}")
        return
    print(f"{name} \n{rollouts.history(revisions)}")


async def _undo(where: Context, target: Target, found: Document, args: argparse.Namespace) -> None:
    _check(target, 'error retrieving rollbacker for "{kind}", no visitor method exists for {{ {kind}}}')
    goal = rollouts.undo_target(await _revisions(where, found), args.to_revision)
    name = f"{resources.short(target.resource)}/{target.name}"
    if args.dry_run == "client":
        print(f"{name} will roll back to {rollouts.show_template(goal)}{_DRY['client']}")
        return
    if rollouts.is_current(found, goal):
        text = f"skipped rollback (current template already matches revision {goal['revision']})"
        print(f"{name} {text}{_DRY[args.dry_run or 'none']}")
        return
    body = PatchBody(goal["data"], "strategic")
    options = WriteOptions(dry_run=args.dry_run == "server")
    await where.api.patch(target.resource, _key(where, target), body, options)
    print(f"{name} rolled back{_DRY[args.dry_run or 'none']}")


async def _restart(where: Context, target: Target, _found: Document, _args: argparse.Namespace) -> None:
    _check(target, '{plural} "{name}" restarting is not supported')
    body = PatchBody(restart_patch(SystemClock()), "strategic")
    await where.api.patch(target.resource, _key(where, target), body, WriteOptions("kubectl-rollout"))
    print(f"{resources.short(target.resource)}/{target.name} restarted")


def restart_patch(clock: Clock) -> Document:
    """Return the patch that makes every pod of a workload new: the present time in an annotation of its template."""
    annotations = {RESTARTED_AT: format_time(clock.now())}
    return {"spec": {"template": {"metadata": {"annotations": annotations}}}}


async def _unstick(where: Context, target: Target, found: Document, _args: argparse.Namespace) -> None:
    """Let the rollout under way replace outdated pods that are not ready, once its revision is known."""
    _check(target, '{plural} "{name}" cannot be unstuck: only StatefulSets can')
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


async def _pause(_where: Context, target: Target, _found: Document, args: argparse.Namespace) -> None:
    raise UserError(f'{target.resource.qualified} "{target.name}" {_PAUSES[args.verb]} is not supported')


def _check(target: Target, text: str) -> None:
    if target.resource != STATEFULSETS:
        resource = target.resource
        raise UserError(text.format(kind=resource.kind, plural=resource.qualified, name=target.name))


async def _revisions(where: Context, workload: Document) -> list[Document]:
    selector = str(labels.from_document(workload["spec"].get("selector")))
    namespace = workload["metadata"].get("namespace", "")
    listing = await where.api.list(CONTROLLERREVISIONS, namespace, ListOptions(selector))
    return rollouts.own(listing.get("items") or (), workload)


def _key(where: Context, target: Target) -> ObjectKey:
    return ObjectKey(where.namespace if target.resource.namespaced else "", target.name)


_FLAGS = {
    "status": ("watch", "timeout", "revision"),
    "history": ("revision",),
    "undo": ("to_revision", "dry_run"),
}
_PAUSES = {"pause": "pausing", "resume": "resuming"}
Act = Callable[[Context, Target, Document, argparse.Namespace], Awaitable[None]]
_VERBS: dict[str, Act] = {
    "status": _status,
    "history": _history,
    "undo": _undo,
    "restart": _restart,
    "pause": _pause,
    "resume": _pause,
    "unstick": _unstick,
}
