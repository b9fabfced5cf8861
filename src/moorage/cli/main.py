"""From words to a command: finds the verb, imports only its file, turns errors into one line and an exit status.

In: argument words. Out: exit status: 0 done, 1 an error (said on standard error), 2 wrong usage, 130 interrupted.
"""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from moorage.base.errors import ApiError, MoorageError, UserError
from moorage.base.process import serving_loop
from moorage.cli import flags
from moorage.cli.usage import Parser

COMMANDS: Final[dict[str, str]] = {
    "up": "start a cluster on this machine",
    "down": "stop it",
    "status": "show what runs",
    "demo": "tell the story of a stateful application, step by step",
    "get": "list objects",
    "describe": "show objects in detail, with their events",
    "apply": "make objects what files say",
    "create": "create the objects of files",
    "plan": "say what files would do, on a copy of the cluster",
    "delete": "delete objects",
    "scale": "set the number of replicas",
    "rollout": "follow, list, undo, restart, pause or stage rollouts",
    "hibernate": "take all pods of a set away and keep its claims",
    "wake": "bring the pods of a set back",
    "label": "set or remove labels",
    "annotate": "set or remove annotations",
    "wait": "wait until something is true of objects",
    "logs": "print a container's log",
    "exec": "run a command in a container",
    "why": "say what a rollout waits for",
    "dig": "ask the cluster's DNS",
    "image": "list, import or remove images",
    "version": "print versions",
}
_HIDDEN: Final[dict[str, str]] = {"agent": "run one node agent (started by `moor up`)"}
_SERVERS: Final = frozenset(("up", "agent"))
INTERRUPTED = 130


def run(words: Sequence[str]) -> int:
    """Carry out one command line and return its exit status."""
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    words = flags.verb_first(words)
    name = words[0]
    if name not in COMMANDS and name not in _HIDDEN:
        print(f'error: unknown command "{name}"; see `moor --help`', file=sys.stderr)
        return 2
    module = importlib.import_module(f"moorage.cli.commands.{name}")
    parser = Parser(
        prog=f"moor {name}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.define(parser)
    try:
        args = flags.parse(parser, words[1:])
        with asyncio.Runner(loop_factory=serving_loop if name in _SERVERS else None) as runner:
            return int(runner.run(module.run(args)))
    except MoorageError as error:
        print(describe_error(error), file=sys.stderr)
        return error.exit_code if isinstance(error, UserError) else 1
    except PermissionError as error:
        # Somebody else's data directory: every command looks into it, at another place each.
        hint = "run as the user who started the cluster, e.g. with sudo"
        print(f"error: cannot open {error.filename}: {error.strerror}; {hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`moor get pods | head`): nothing more to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def describe_error(error: MoorageError) -> str:
    """Return an error as kubectl prints it."""
    if isinstance(error, ApiError):
        if error.reason == "Invalid":
            return f"The {error.message}" if error.message.split(" ")[0].isalnum() else f"error: {error.message}"
        return f"Error from server ({error.reason or error.code}): {error.message}"
    return f"error: {error}"


def _overview() -> str:
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    return (
        "moor: StatefulSets without a cluster.\n\n"
        f"{rows}\n\nkubectl works too: export KUBECONFIG as `moor up` prints it. `moor COMMAND --help` says more."
    )
