"""The probers of one pod: one for each running container that has probes, none for the others.

In: the runtime's view of the pod. Out: `ProbeResults` by container id.
"""

import asyncio
from collections.abc import Callable

from moorage.nodeagent import probes
from moorage.nodeagent.attempts import Target
from moorage.nodeagent.containerstatus import container_id
from moorage.nodeagent.events import PodEvents
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import ContainerState, RuntimeContainer, RuntimePod
from moorage.nodeagent.prober import ContainerProber, Means
from moorage.nodeagent.snapshot import ProbeResults
from moorage.nodeagent.tools import Tools


class PodProbing:
    """Keeps probers in step with what runs.

    Args:
        tools: of the node.
        events: of the pod.
        changed: called when a result means something new.
    """

    def __init__(self, tools: Tools, events: PodEvents, changed: Callable[[], None]) -> None:
        self._tools = tools
        self._events = events
        self._changed = changed
        self._probers: dict[str, ContainerProber] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}

    def results(self) -> dict[str, ProbeResults]:
        """Return what is known, by container id."""
        return {identity: prober.results for identity, prober in self._probers.items()}

    def sync(self, pod: Pod, runtime: RuntimePod | None) -> None:
        """Start probers of containers that run, end those of containers that do not."""
        running = {
            one.id: one for one in (runtime.containers if runtime else ()) if one.state is ContainerState.RUNNING
        }
        for gone in self._probers.keys() - running.keys():
            self._end(gone)
        address = runtime.sandboxes[0].ip if runtime and runtime.sandboxes else ""
        for identity in running.keys() - self._probers.keys():
            spec = pod.container(running[identity].name)
            if spec is not None and any(probes.of(spec, kind) for kind in probes.Kind):
                self._begin(pod, spec, running[identity], address or self._tools.settings.address)

    def stop(self) -> None:
        """End every prober."""
        for identity in list(self._probers):
            self._end(identity)

    def _begin(self, pod: Pod, spec: Container, container: RuntimeContainer, address: str) -> None:
        means = Means(self._tools.runtime, self._tools.network, self._tools.clock)
        prober = ContainerProber(Target(spec, container.id, address), means, self._events, self._changed)
        prober.remember(_known(pod, container))
        self._probers[container.id] = prober
        self._tasks[container.id] = prober.start(self._tools.tasks, container.started_at)

    def _end(self, identity: str) -> None:
        del self._probers[identity]
        for task in self._tasks.pop(identity):
            task.cancel()


def _known(pod: Pod, container: RuntimeContainer) -> ProbeResults:
    """Return what the API says of the same container: a restarted agent does not make a ready pod unready."""
    status = pod.status
    listed = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for known in listed:
        if known.get("containerID") == container_id(container):
            return ProbeResults(started=bool(known.get("started")), ready=bool(known.get("ready")))
    return ProbeResults(started=False, ready=False)
