"""All that one decision about a pod needs, as one frozen picture.

In: the pod's document, the runtime's view, probe results, what failed and when it may be tried again.
Out: `Snapshot`, with the questions `decide` and `podstatus` ask of it. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moorage.nodeagent.marks import container_marks
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import ContainerState, RuntimeContainer, RuntimePod, RuntimeSandbox


@dataclass(frozen=True, slots=True)
class ProbeResults:
    """What the probes of one running container say.

    Args:
        started: the startup probe passed, or there is none.
        ready: the readiness probe passes, or there is none.
        unhealthy: "liveness" or "startup" once that probe has failed for good, else "".
    """

    started: bool = True
    ready: bool = True
    unhealthy: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed: shown in the pod's status, tried again at `until` (UTC seconds)."""

    reason: str
    message: str
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Termination:
    """Why and how fast a pod must stop.

    Args:
        cause: `deleted` (by the API), `orphaned` (gone from the API) or `failed` (by this agent: deadline, eviction).
        deadline: processes are killed at this moment, UTC seconds.
        reason: status.reason for `failed`.
        message: status.message for `failed`.
    """

    cause: str
    deadline: float
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One pod, now.

    Args:
        pod: what is wanted.
        runtime: what there is; None if the runtime knows nothing of this pod.
        started_at: when this agent (or one before it) first saw the pod, UTC seconds: status.startTime.
        confirmed: a consistent read said the pod is ours to start (facts: reliability ID5).
        hold: why nothing may start yet (an older pod of this name still runs), "" if nothing is in the way.
        rejected: the node refused the pod; it never starts.
        termination: it has to stop.
        volumes_ready: its volumes can be used.
        volumes_left: something of its volumes may still be there.
        waits: failed steps by container name; "" is the pod's own (volumes, sandbox).
        probes: results by container id.
        messages: termination messages by container id.
        host_ip: the node's address.
    """

    pod: Pod
    runtime: RuntimePod | None
    started_at: float
    confirmed: bool = True
    hold: str = ""
    rejected: Failure | None = None
    termination: Termination | None = None
    volumes_ready: bool = False
    volumes_left: bool = False
    waits: Mapping[str, Failure] = field(default_factory=dict)
    probes: Mapping[str, ProbeResults] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    host_ip: str = ""

    @property
    def sandbox(self) -> RuntimeSandbox | None:
        """The newest sandbox, ready or not."""
        return self.runtime.sandboxes[0] if self.runtime and self.runtime.sandboxes else None

    @property
    def ready_sandbox(self) -> RuntimeSandbox | None:
        """The sandbox containers run in."""
        newest = self.sandbox
        return newest if newest and newest.ready else None

    @property
    def all_containers(self) -> tuple[RuntimeContainer, ...]:
        """Every container of the pod, running or not."""
        return self.runtime.containers if self.runtime else ()

    def of(self, name: str) -> tuple[RuntimeContainer, ...]:
        """Return the containers of one name, newest first."""
        return tuple(one for one in self.all_containers if one.name == name)

    def newest(self, name: str) -> RuntimeContainer | None:
        """Return the newest container of a name, None before its first."""
        return next(iter(self.of(name)), None)

    def current(self, name: str) -> RuntimeContainer | None:
        """Return the newest container of a name if it belongs to the newest sandbox."""
        found = self.newest(name)
        if found is None or self.sandbox is None:
            return None
        return found if container_marks(found.annotations).sandbox_attempt == self.sandbox.attempt else None

    def running(self) -> tuple[RuntimeContainer, ...]:
        """Return the containers that may have a process."""
        alive = (ContainerState.RUNNING, ContainerState.UNKNOWN)
        return tuple(one for one in self.all_containers if one.state in alive)

    def results(self, container: RuntimeContainer, spec: Container) -> ProbeResults:
        """Return what the probes say of a container; until its first result a probe has not passed."""
        unknown = ProbeResults(started=spec.startup_probe is None, ready=spec.readiness_probe is None)
        found = self.probes.get(container.id, unknown)
        return found if found.started else ProbeResults(started=False, ready=False, unhealthy=found.unhealthy)

    def reported(self, name: str) -> Mapping[str, Any]:
        """Return the status the API has of a container, empty if none."""
        status = self.pod.status
        listed = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
        return next((one for one in listed if one.get("name") == name), {})

    def next_attempt(self, name: str) -> int:
        """Return the attempt of the next container of a name: one more than any there was."""
        newest = self.newest(name)
        if newest is not None:
            return newest.attempt + 1
        known = self.reported(name)
        return int(known.get("restartCount") or 0) + 1 if known.get("containerID") else 0
