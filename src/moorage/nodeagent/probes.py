"""Counting probe results until they mean something.

In: outcomes of single attempts. Out: what is known of a container. Pure. Next room: `prober`, which makes the attempts.
Rules: kubelet/prober/worker.go, Kubernetes 1.32.
"""

from dataclasses import dataclass, replace
from enum import Enum

from moorage.nodeagent.podspec import Container, Probe
from moorage.nodeagent.snapshot import ProbeResults


class Kind(Enum):
    """Which probe of a container."""

    STARTUP = "startup"
    LIVENESS = "liveness"
    READINESS = "readiness"

    @property
    def title(self) -> str:
        """The word events begin with."""
        return self.value.capitalize()


class Verdict(Enum):
    """One attempt's outcome: an `ERROR` (the probe could not be carried out) counts as nothing."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt and what it said."""

    verdict: Verdict
    message: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """What one probe knows.

    Args:
        passing: its standing result; None before a startup probe's first.
        streak: equal outcomes in a row.
        last: the newest outcome.
    """

    passing: bool | None
    streak: int = 0
    last: Verdict | None = None


def initial(kind: Kind) -> Counter:
    """Return what counts before the first attempt: alive, not ready, not known to have started."""
    return Counter({Kind.LIVENESS: True, Kind.READINESS: False, Kind.STARTUP: None}[kind])


def count(counter: Counter, probe: Probe, verdict: Verdict) -> Counter:
    """Return the counter after one more outcome."""
    if verdict is Verdict.ERROR:
        return counter
    streak = counter.streak + 1 if verdict is counter.last else 1
    counted = replace(counter, streak=streak, last=verdict)
    needed = probe.success_threshold if verdict is Verdict.SUCCESS else probe.failure_threshold
    return replace(counted, passing=verdict is Verdict.SUCCESS) if streak >= needed else counted


def of(container: Container, kind: Kind) -> Probe | None:
    """Return a container's probe."""
    probes = {
        Kind.STARTUP: container.startup_probe,
        Kind.LIVENESS: container.liveness_probe,
        Kind.READINESS: container.readiness_probe,
    }
    return probes[kind]


def results(container: Container, counters: dict[Kind, Counter]) -> ProbeResults:
    """Return what all counters of a container mean together."""
    standing = {kind: counters.get(kind, initial(kind)).passing for kind in Kind}
    started = container.startup_probe is None or standing[Kind.STARTUP] is True
    ready = container.readiness_probe is None or standing[Kind.READINESS] is True
    unhealthy = ""
    if container.startup_probe is not None and standing[Kind.STARTUP] is False:
        unhealthy = "startup"
    elif container.liveness_probe is not None and standing[Kind.LIVENESS] is False:
        unhealthy = "liveness"
    return ProbeResults(started, started and ready, unhealthy)
