"""Run a command in a container, as kubectl exec does: POD or TYPE/NAME [-c CONTAINER] [-i] [-t] -- COMMAND…"""

import argparse
import contextlib
import json
import sys

from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.base.errors import ApiError, UsageError, UserError
from moorage.base.tasks import Tasks
from moorage.cli import context, pods, terminal
from moorage.client.ports import Request
from moorage.client.requests import Query
from moorage.client.transports import channels

NO_TTY = "Unable to use a TTY - input is not a terminal or the right kind of file"


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    context.add_flags(parser)
    parser.add_argument("pod", help="POD or TYPE/NAME; the command follows after --")
    parser.add_argument("-c", "--container", default="", help="container; the default one unless given")
    parser.add_argument("-i", "--stdin", action="store_true", help="pass standard input on")
    parser.add_argument("-t", "--tty", action="store_true", help="standard input is a terminal")
    parser.add_argument("-q", "--quiet", action="store_true", help="print only what the command prints")


async def run(args: argparse.Namespace) -> int:
    """Carry out `exec`; return the command's own exit status."""
    if not args.rest:
        raise UsageError("you must specify at least one command for the container: moor exec POD -- COMMAND")
    where = context.connect(args)
    pod = await pods.find(where, args.pod)
    await where.api.close()
    _check(pod)
    interactive = args.stdin and args.tty and sys.stdin.isatty()
    if args.stdin and args.tty and not interactive and not args.quiet:
        print(NO_TTY, file=sys.stderr)
    container = args.container or pods.default_container(pod, quiet=args.quiet)
    request = _request(pod, _query(args, container, tty=interactive))
    access = context.access(args)
    session = await channels.open_channels(access.server, access.tls(), access.token, request)
    return _outcome(await _session(session, stdin=args.stdin, tty=interactive))


def _check(pod: Document) -> None:
    phase = (pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise UserError(f"cannot exec into a container in a completed pod; current phase is {phase}")


def _request(pod: Document, query: Query) -> Request:
    return Request("POST", PODS.path(pod["metadata"]["namespace"], pod["metadata"]["name"], "exec"), query)


def _query(args: argparse.Namespace, container: str, *, tty: bool) -> Query:
    flags = (("stdin", args.stdin), ("stdout", True), ("stderr", not tty), ("tty", tty))
    words = tuple(("command", word) for word in args.rest)
    return (("container", container), *words, *((name, "true") for name, given in flags if given))


async def _session(session: channels.Channels, *, stdin: bool, tty: bool) -> bytes:
    failed: list[BaseException] = []
    tasks = Tasks("exec", lambda _, error: failed.append(error))

    def resized(columns: int, lines: int) -> None:
        tasks.start("resize", session.resize(columns, lines))

    with terminal.raw(resized) if tty else contextlib.nullcontext():
        if stdin:
            tasks.start("stdin", _feed(session))
        try:
            return await _show(session)
        finally:
            await tasks.stop()
            await session.close()


async def _feed(session: channels.Channels) -> None:
    async for data in terminal.chunks(sys.stdin.fileno()):
        await session.send(data)
    await session.end_input()


async def _show(session: channels.Channels) -> bytes:
    """Print what comes; return the outcome. Raises: UserError (there is none)."""
    outputs = {channels.STDOUT: sys.stdout.buffer, channels.STDERR: sys.stderr.buffer}
    async for frame in session.frames():
        if frame.channel == channels.OUTCOME:
            return frame.data
        outputs[frame.channel].write(frame.data)
        outputs[frame.channel].flush()
    raise UserError("the session ended without the command's exit status: is the node's agent still running?")


def _outcome(data: bytes) -> int:
    """Return the command's exit status. Raises: ApiError (it could not be run)."""
    code, message = channels.exit_code(data)
    status = json.loads(data)
    if code and status.get("reason") != "NonZeroExitCode":
        raise ApiError({"reason": "InternalError", "code": 500, **status, "message": message})
    if code:
        print(f"command terminated with exit code {code}", file=sys.stderr)
    return code
