"""Ask the cluster's DNS from this machine: NAME [TYPE], or -x ADDRESS; short names are completed as in a pod."""

import argparse
import json
from pathlib import Path
from typing import Any

from moorage.assembly.paths import Paths
from moorage.base.errors import UsageError, UserError
from moorage.base.system import SystemIds
from moorage.cli import context
from moorage.cli.output import answers
from moorage.dns import client
from moorage.dns.client import Answer
from moorage.dns.message import Code, Type
from moorage.dns.names import Name

ZONE = "cluster.local"


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    parser.add_argument(
        "what", nargs="*", metavar="NAME [TYPE]", help="a name, and A (default), AAAA, SRV, PTR, TXT, ..."
    )
    parser.add_argument("-x", "--reverse", default="", metavar="ADDRESS", help="the name of an address")
    parser.add_argument("-n", "--namespace", default="default", help="where short names are looked for first")
    parser.add_argument("--short", action="store_true", help="print only the data of the answers")
    parser.add_argument("--data-dir", default="", help="data directory of the cluster")
    parser.add_argument("--server", default="", metavar="ADDRESS[:PORT]", help="ask this server instead")


async def run(args: argparse.Namespace) -> int:
    """Carry out `dig`: 0 for an answer with records or none of that type, 1 for a name that does not exist."""
    server, zone = (
        _given(args.server) if args.server else noted(Paths(context.data_dir(args.data_dir)).run / "dns.json")
    )
    wanted, kind = _question(args, zone)
    name, answer = _first(server, wanted, kind)
    text = answers.short(answer.answers) if args.short else answers.show(answer, name, kind, server)
    if text:
        print(text)
    return 0 if answer.code == Code.NOERROR else 1


def _question(args: argparse.Namespace, zone: str) -> tuple[list[Name], Type]:
    if args.reverse:
        return [answers.reverse(args.reverse)], Type.PTR
    if not 1 <= len(args.what) <= 2:
        raise UsageError("say what to ask: moor dig NAME [TYPE], e.g. moor dig myapp-0.myapp-svc")
    kind = answers.type_of(args.what[1]) if len(args.what) == 2 else Type.A
    return answers.candidates(args.what[0], args.namespace, zone), kind


def _first(server: tuple[str, int], wanted: list[Name], kind: Type) -> tuple[Name, Answer]:
    """Return the first answer with records; else the first that says the name exists; else the first."""
    found: list[tuple[Name, Answer]] = []
    for name in wanted:
        ident = int(SystemIds().uid()[:4], 16)
        found.append((name, client.ask(server, ident, name, kind)))
        if found[-1][1].answers:
            return found[-1]
    return min(found, key=lambda pair: pair[1].code != Code.NOERROR)


def noted(file: Path) -> tuple[tuple[str, int], str]:
    """Return address and zone of the cluster's DNS as `moor up` noted them. Raises: UserError."""
    try:
        note: dict[str, Any] = json.loads(file.read_text())
        return (str(note["host"]), int(note["port"])), str(note.get("zone", ZONE))
    except FileNotFoundError:
        raise UserError(f"no DNS server runs for {file.parent.parent}; start a cluster with: moor up") from None
    except (OSError, ValueError, KeyError) as problem:
        raise UserError(f"cannot read {file}: {problem}; name the server with --server") from None


def _given(text: str) -> tuple[tuple[str, int], str]:
    host, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "53")
    if not port.isdecimal():
        raise UsageError(f"--server={text}: the port is no number")
    return (host.strip("[]"), int(port)), ZONE
