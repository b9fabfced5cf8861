"""What a filter may say.

In: nothing. Out: the few values that `filters/*` return and `decide` reads.
"""

from collections.abc import Callable
from dataclasses import dataclass

from moorage.scheduler.snapshot import NodeState, Snapshot


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a pod cannot go to one node.

    Args:
        reasons: upstream's words.
        hopeless: not even removing other pods would help.
    """

    reasons: tuple[str, ...]
    hopeless: bool = False


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why a pod cannot go to any node; upstream's words."""

    message: str


@dataclass(frozen=True, slots=True)
class OnlyNodes:
    """The pod names its nodes; no other one is asked. `check` is then asked about those."""

    names: frozenset[str]
    check: Callable[[NodeState], Rejection | None]


Check = Callable[[NodeState], Rejection | None]
Verdict = Check | OnlyNodes | Impossible | None
Filter = Callable[[Snapshot], Verdict]
"""Looks at the pod once; returns how to ask each node, or None where every node will do."""


def hopeless(reason: str) -> Rejection:
    """Return a rejection that nothing on the node can change."""
    return Rejection((reason,), hopeless=True)
