"""What a decision about a pod wants done.

In: `decide`. Out: `PodPlan`, which `podworker` carries out field by field, in the order they are listed. Pure values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from moorage.nodeagent.snapshot import Failure, Termination


@dataclass(frozen=True, slots=True)
class Start:
    """Start one container: attempt number and the back-off its marks remember, seconds."""

    name: str
    attempt: int
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop one container.

    Args:
        id: container id.
        name: container name.
        deadline: its processes are killed at this moment, UTC seconds.
        message: text of the Killing event.
    """

    id: str
    name: str
    deadline: float
    message: str


@dataclass(frozen=True, slots=True)
class PodPlan:
    """What to do for one pod, then look again.

    Args:
        fail: end the pod for good, for this reason.
        stop: containers, all at once.
        stop_sandboxes: ids of sandboxes nothing may run in any more.
        remove_containers: ids of dead containers no longer of use.
        confirm: ask the API whether the pod is still ours to start.
        mount: make its volumes ready.
        sandbox: attempt of the sandbox to start.
        start: containers, one after the other.
        unmount: give its volumes back.
        release: tell the API that the pod is gone.
        clear: remove every trace: sandboxes, containers, files. The worker ends after it.
        waits: why containers wait, by name, for the status.
        wake_at: look again at this moment, UTC seconds; None only when something happens.
    """

    fail: Termination | None = None
    stop: tuple[Stop, ...] = ()
    stop_sandboxes: tuple[str, ...] = ()
    remove_containers: tuple[str, ...] = ()
    confirm: bool = False
    mount: bool = False
    sandbox: int | None = None
    start: tuple[Start, ...] = ()
    unmount: bool = False
    release: bool = False
    clear: bool = False
    waits: Mapping[str, Failure] = field(default_factory=dict)
    wake_at: float | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do now."""
        work = (self.fail, self.stop, self.stop_sandboxes, self.remove_containers, self.start)
        flags = (self.confirm, self.mount, self.sandbox is not None, self.unmount, self.release, self.clear)
        return not any(work) and not any(flags)
