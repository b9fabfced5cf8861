"""Which events are written, and as what: repetition counted, similar ones combined, floods cut off.

In: one event and the time. Out: a `Verdict`. Pure. The numbers are those of client-go's EventCorrelator:
a burst of 25 events per source and object, one more each 300 s; more than 10 similar events within 600 s are combined.
"""

import datetime
from collections import OrderedDict
from dataclasses import dataclass, field

from moorage.api import meta
from moorage.reconcile.actions import Emit

BURST = 25
REFILL_SECONDS = 300.0
SIMILAR = 10
SIMILAR_SECONDS = 600.0
COMBINED = "(combined from similar events): "
CACHE_SIZE = 4096

_Subject = tuple[str, ...]


@dataclass(slots=True)
class Written:
    """An event object as it was last written."""

    name: str
    count: int
    first: datetime.datetime


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime.datetime


@dataclass(slots=True)
class _Group:
    """Messages of one kind of event since `at`."""

    at: datetime.datetime
    messages: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with an event.

    Args:
        identity: under which it is remembered once written.
        message: what it says, combined ones marked.
        known: the event object to count up; None for a new one.
    """

    identity: tuple[str, ...]
    message: str
    known: Written | None


class Correlator:
    """The memory of one event source."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[_Subject, _Bucket] = OrderedDict()
        self._groups: OrderedDict[_Subject, _Group] = OrderedDict()
        self._written: OrderedDict[_Subject, Written] = OrderedDict()

    def judge(self, event: Emit, now: datetime.datetime) -> Verdict | None:
        """Return what to do with `event`; None if there were too many."""
        subject = _subject(event)
        group = (*subject, event.type, event.reason)
        message, identity = event.message, (*group, event.message)
        if self._similar(group, event.message, now) > SIMILAR:
            message, identity = COMBINED + event.message, (*group, COMBINED)
        if not self._allowed(subject, now):
            return None
        return Verdict(identity, message, self._written.get(identity))

    def wrote(self, verdict: Verdict, written: Written) -> None:
        """Remember the event object of a verdict."""
        self._written[verdict.identity] = written
        self._written.move_to_end(verdict.identity)
        _trim(self._written)

    def forget(self, verdict: Verdict) -> None:
        """The event object of a verdict is gone: the next one is new."""
        self._written.pop(verdict.identity, None)

    def _similar(self, subject: _Subject, message: str, now: datetime.datetime) -> int:
        group = self._groups.get(subject)
        if group is None or (now - group.at).total_seconds() > SIMILAR_SECONDS:
            group = _Group(now)
        group.at = now
        if len(group.messages) <= SIMILAR:
            group.messages.add(message)
        self._groups[subject] = group
        self._groups.move_to_end(subject)
        _trim(self._groups)
        return len(group.messages)

    def _allowed(self, subject: _Subject, now: datetime.datetime) -> bool:
        bucket = self._buckets.get(subject) or _Bucket(BURST, now)
        refilled = bucket.tokens + (now - bucket.at).total_seconds() / REFILL_SECONDS
        bucket = self._buckets[subject] = _Bucket(min(refilled, BURST), now)
        self._buckets.move_to_end(subject)
        _trim(self._buckets)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


def _subject(event: Emit) -> _Subject:
    about = event.about
    return (about.get("kind", ""), meta.namespace(about), meta.name(about), meta.uid(about))


def _trim(
    cache: "OrderedDict[_Subject, _Bucket] | OrderedDict[_Subject, _Group] | OrderedDict[_Subject, Written]",
) -> None:
    if len(cache) > CACHE_SIZE:
        cache.popitem(last=False)
