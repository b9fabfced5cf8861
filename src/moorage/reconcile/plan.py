"""A plan: all that one decision wants, and why it holds back what it holds back.

In: `decide`. Out: a frozen value for `reconcile.apply`, the ledger, `moor why` and `moor plan`.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from moorage.api.refs import ObjectKey
from moorage.base.errors import MoorageError
from moorage.reconcile.actions import Step, Update


@dataclass(frozen=True, slots=True)
class Culprit:
    """The object a gate waits for."""

    kind: str
    key: ObjectKey
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """A named reason why a plan holds back.

    Args:
        name: CamelCase word, e.g. `PredecessorNotReady`; a row of `why.table` and of docs/gates.md.
        holds: what is held back, e.g. `create Pod myapp-1`.
        culprit: what it waits for.
        evidence: what was seen, e.g. `readiness probe: HTTP 503`; one line.
        opens: what would open it; one line. A command in it stands first or after `: `, and ends before ` (`, `; ` or `, `.
        since: when the condition began, where the evidence carries a time; else the ledger fills in its first sight.
        details: more evidence, one line each, e.g. what the scheduler says of each node.
    """

    name: str
    holds: str
    culprit: Culprit
    evidence: str = ""
    opens: str = ""
    since: datetime.datetime | None = None
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one decision wants.

    Args:
        steps: carried out in order; the first failure stops them.
        status: written after the steps even if one failed; its event fields are unused.
        status_if_failed: from the first failure of the steps to the status written instead of `status`.
        cleanup: carried out last, even after a failure (history truncation).
        gates: why more was not wanted.
        wake_after: seconds until the same decision could differ without any event; None for never.
    """

    steps: tuple[Step, ...] = ()
    status: Update | None = None
    status_if_failed: Callable[[MoorageError], Update | None] | None = None
    cleanup: tuple[Step, ...] = ()
    gates: tuple[Gate, ...] = ()
    wake_after: float | None = None
