"""When a container that ended starts again.

In: its end, its marks, the pod's restart policy. Out: never, or the moment and the delay to remember. Pure.
Rules: the kubelet's crash back-off: first restart at once, then 10 s doubling to 5 min; a run of 10 min forgives.
"""

from dataclasses import dataclass

from moorage.base.limits import CRASH_BACKOFF_SECONDS
from moorage.nodeagent.marks import container_marks
from moorage.nodeagent.ports import ContainerState, RuntimeContainer

FIRST_SECONDS, LONGEST_SECONDS = CRASH_BACKOFF_SECONDS
FORGIVEN_SECONDS = 2 * LONGEST_SECONDS
"""A container that ran longer than this starts its back-off afresh, seconds."""


@dataclass(frozen=True, slots=True)
class Restart:
    """The next start of an ended container.

    Args:
        at: not before this moment, UTC seconds.
        waited: the back-off that has been waited then, seconds.
        delay: what the new container's marks remember, seconds: the back-off after its own end.
    """

    at: float
    waited: float
    delay: float


def wanted(policy: str, container: RuntimeContainer) -> bool:
    """Return whether the restart policy wants an ended container to run again."""
    if container.state is not ContainerState.EXITED:
        return True
    return policy == "Always" or (policy == "OnFailure" and container.exit_code != 0)


def after(container: RuntimeContainer) -> Restart:
    """Return when and how a container that ended starts again."""
    owed = container_marks(container.annotations).restart_delay
    started = container.started_at or container.created_at
    if owed == 0.0 or container.finished_at - started > FORGIVEN_SECONDS:
        return Restart(at=container.finished_at, waited=0.0, delay=FIRST_SECONDS)
    return Restart(at=container.finished_at + owed, waited=owed, delay=min(2 * owed, LONGEST_SECONDS))
