"""Progressing or stalled: what the gates of an object amount to, and when patience ends.

In: closed gates with their opener and age, a deadline. Out: `State`, and the conditions `Progressing` and `Stalled`.
Words: Deployment's (`ProgressDeadlineExceeded`), and kstatus' for `Stalled`. docs/why.md explains them.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from moorage.api import meta, owners
from moorage.api.durations import seconds_of
from moorage.api.refs import Document, Resource
from moorage.api.scheme import STATEFULSETS
from moorage.api.times import format_time
from moorage.base.limits import PROGRESS_DEADLINE_SECONDS, STALL_GRACE_SECONDS
from moorage.why.picture import Picture
from moorage.why.table import Opener

DEADLINE = "moorage.dev/progress-deadline"
RANK = {Opener.PERSON: 0, Opener.ITSELF: 1, Opener.CHOICE: 2}
"""Which openers are told first."""


class Closed(NamedTuple):
    """A closed gate: its name, who opens it, since when (None: unknown)."""

    gate: str
    opener: Opener
    since: datetime.datetime | None


class State(NamedTuple):
    """What all gates amount to.

    Args:
        name: `Settled`, `Held` (as asked), `Progressing` or `Stalled`.
        reason: CamelCase; the gate that decides.
        since: RFC 3339, of that gate.
        deadline: RFC 3339; when `Progressing` becomes `Stalled` unless a gate opens.
    """

    name: str
    reason: str
    since: str = ""
    deadline: str = ""


def deadline_of(subject: Document, resource: Resource, picture: Picture) -> float:
    """Return the seconds a gate of an object may stay closed: its set's own wish, else the default."""
    controller = owners.controller_of(subject)
    owner: Document | None = subject if resource == STATEFULSETS else None
    if owner is None and controller is not None and controller["kind"] == STATEFULSETS.kind:
        owner = picture.get(STATEFULSETS, meta.namespace(subject), controller["name"])
    wish = meta.annotations(owner or {}).get(DEADLINE, "")
    return seconds_of(wish) or PROGRESS_DEADLINE_SECONDS


def is_stalled(closed: Closed, deadline: float, now: datetime.datetime) -> bool:
    """Return whether patience with a gate is over."""
    patience = _patience(closed, deadline)
    return patience is not None and closed.since is not None and (now - closed.since).total_seconds() >= patience


def state_of(gates: Sequence[Closed], deadline: float, now: datetime.datetime) -> State:
    """Return what gates, the most telling first, amount to."""
    if not gates:
        return State("Settled", "Settled")
    first = gates[0]
    since = format_time(first.since) if first.since else ""
    if is_stalled(first, deadline, now):
        late = first.opener is Opener.ITSELF
        return State("Stalled", "ProgressDeadlineExceeded" if late else first.gate, since)
    waits = [one for one in gates if one.opener is not Opener.CHOICE]
    if not waits:
        return State("Held", first.gate, since)
    ends = [one.since + datetime.timedelta(seconds=_patience(one, deadline) or 0) for one in waits if one.since]
    return State("Progressing", first.gate, since, format_time(min(ends)) if ends else "")


def conditions(state: State, message: str) -> list[Document]:
    """Return the conditions of a state."""
    values: Mapping[str, tuple[str, str]] = {
        "Settled": ("True", "False"), "Held": ("Unknown", "False"),
        "Progressing": ("True", "False"), "Stalled": ("False", "True"),
    }  # fmt: skip
    progressing, stalled = values[state.name]
    made = []
    for kind, status in (("Progressing", progressing), ("Stalled", stalled)):
        one = {"type": kind, "status": status, "reason": state.reason, "message": message}
        made.append({**one, "lastTransitionTime": state.since} if state.since else one)
    return made


def _patience(closed: Closed, deadline: float) -> float | None:
    if closed.opener is Opener.CHOICE:
        return None
    return STALL_GRACE_SECONDS if closed.opener is Opener.PERSON else deadline
