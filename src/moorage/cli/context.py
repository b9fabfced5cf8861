"""What every verb that talks to the API shares: which server, which namespace, which flags.

In: parsed flags. Out: `Context` with an open `Api`. The transport is the plain one: commands are short.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from moorage.assembly.paths import Paths, default_data_dir
from moorage.client import kubeconfig
from moorage.client.api import Api
from moorage.client.transports.plain import PlainTransport


@dataclass(frozen=True, slots=True)
class Context:
    """An API to talk to.

    Args:
        api: the client.
        namespace: what `-n` or the kubeconfig says; "" for all of them.
    """

    api: Api
    namespace: str

    @property
    def all_namespaces(self) -> bool:
        """Whether `-A` was given."""
        return not self.namespace


def add_flags(parser: argparse.ArgumentParser, *, everywhere: bool = False) -> None:
    """Add `-n`, `--kubeconfig`, `--context` (and `-A` where a verb can span namespaces)."""
    parser.add_argument("-n", "--namespace", default="", help="namespace; the context's own unless given")
    parser.add_argument("--kubeconfig", default="", help="kubeconfig file")
    parser.add_argument("--context", default="", help="context of the kubeconfig")
    if everywhere:
        parser.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")


def connect(args: argparse.Namespace) -> Context:
    """Return the context that the flags choose. Raises: UserError where no cluster can be found."""
    found = access(args)
    namespace = "" if getattr(args, "all_namespaces", False) else args.namespace or found.namespace
    return Context(Api(PlainTransport(found.server, found.tls(), found.token), "moor"), namespace)


def access(args: argparse.Namespace) -> kubeconfig.Access:
    """Return the server and credentials that the flags choose. Raises: UserError where no cluster can be found."""
    environment = dict(os.environ)
    own = Paths(default_data_dir(environment, root=os.geteuid() == 0)).kubeconfig
    return kubeconfig.load(kubeconfig.find(args.kubeconfig, environment, own), args.context)


def data_dir(given: str) -> Path:
    """Return the data directory that `--data-dir` or the environment chooses."""
    return Path(given) if given else default_data_dir(dict(os.environ), root=os.geteuid() == 0)
