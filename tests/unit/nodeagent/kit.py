"""What the node agent's tests are made of: pods, runtime states, an agent on a made-up node.

In: a few words of what matters to a test. Out: documents, snapshots, `Rig`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moorage.api.refs import Document
from moorage.base.system import SystemIds
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.nodeagent import podspec
from moorage.nodeagent.agent import NodeAgent, Parts
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.marks import ContainerMarks
from moorage.nodeagent.podfiles import DiskFiles, NoFiles
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.ports import ContainerState, RuntimeContainer, RuntimePod, RuntimeSandbox
from moorage.nodeagent.settings import AgentSettings, Capacity
from moorage.nodeagent.snapshot import Snapshot
from moorage.nodeagent.volumes.none import NoVolumes
from moorage.sim.runtime import SimRuntime
from tests.fakes.clock import ManualClock
from tests.fakes.podserver import PODS, PodServer

NOW = 1_767_225_600.0
"""ManualClock's start: 2026-01-01 00:00 UTC."""
SETTINGS = AgentSettings(
    node_name="node-0",
    data_dir=Path("/nonexistent/agent"),
    address="192.0.2.10",
    capacity=Capacity(cpu_millis=4000, memory_bytes=8 << 30, storage_bytes=100 << 30),
    cluster_dns=("10.43.0.10",),
)


def pod_document(name: str = "web-0", **spec: Any) -> Document:
    """Return a pod bound to the test's node; `spec` adds to or replaces what it has."""
    containers = [{"name": "web", "image": "busybox:1"}]
    whole = {"nodeName": "node-0", "containers": containers, "restartPolicy": "Always", **spec}
    metadata = {"name": name, "namespace": "default", "uid": f"{name}-uid"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": whole, "status": {"phase": "Pending"}}


def pod(name: str = "web-0", status: Mapping[str, Any] | None = None, **spec: Any) -> Pod:
    """Return the typed view of `pod_document`."""
    document = pod_document(name, **spec)
    return podspec.parse({**document, "status": dict(status or document["status"])})


def sandbox(attempt: int = 0, *, ready: bool = True) -> RuntimeSandbox:
    """Return a sandbox as the runtime shows it."""
    return RuntimeSandbox(f"sandbox-{attempt}", attempt, ready, "10.42.0.2" if ready else "", NOW)


def container(name: str = "web", attempt: int = 0, **fields: Any) -> RuntimeContainer:
    """Return a running container; `fields` change it. `marks` are its marks."""
    marks = fields.pop("marks", ContainerMarks())
    values: dict[str, Any] = {
        "state": ContainerState.RUNNING,
        "created_at": NOW,
        "started_at": NOW,
        "image": "docker.io/library/busybox:1",
        "image_id": "busybox@sha256:1",
        **fields,
    }
    return RuntimeContainer(f"{name}-{attempt}", name, attempt, annotations=marks.annotations(), **values)


def exited(name: str = "web", attempt: int = 0, code: int = 0, **fields: Any) -> RuntimeContainer:
    """Return a container that ended at `NOW`."""
    return container(name, attempt, state=ContainerState.EXITED, exit_code=code, **{"finished_at": NOW, **fields})


def snapshot(
    one: Pod, *containers: RuntimeContainer, sandboxes: tuple[RuntimeSandbox, ...] = (), **fields: Any
) -> Snapshot:
    """Return a snapshot with its volumes ready; no runtime state without sandboxes."""
    runtime = RuntimePod(one.uid, one.name, one.namespace, sandboxes, containers) if sandboxes else None
    values: dict[str, Any] = {"volumes_ready": True, "host_ip": "192.0.2.10", "started_at": NOW, **fields}
    return Snapshot(pod=one, runtime=runtime, **values)


class SimNetwork:
    """Probes of a made-up node: `codes` by URL, 200 where nothing is said; a code of 0 refuses."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    async def http(self, url: str, headers: Mapping[str, str], timeout: float) -> tuple[int, str]:
        code = self.codes.get(url, 200)
        if code == 0:
            raise ConnectionRefusedError
        return code, ""

    async def tcp(self, host: str, port: int, timeout: float) -> None:
        if self.codes.get(f"{host}:{port}") == 0:
            raise ConnectionRefusedError


@dataclass
class Rig:
    """One agent on a made-up node, with the API and the runtime it talks to."""

    clock: ManualClock = field(default_factory=ManualClock)
    server: PodServer = field(default_factory=PodServer)
    network: SimNetwork = field(default_factory=SimNetwork)
    failures: list[BaseException] = field(default_factory=list)
    settings: AgentSettings = SETTINGS
    keeps_files: bool = False

    def __post_init__(self) -> None:
        self.runtime = SimRuntime(self.clock, SystemIds(), "10.42.0.0/24")
        self.agent = self.new_agent()

    def new_agent(self) -> NodeAgent:
        """Return another agent for the same node, as after a restart."""
        api = Api(self.server, "kubelet")
        parts = Parts(
            api=api,
            runtime=self.runtime,
            volumes=NoVolumes(Cluster(api), self.clock),
            files=DiskFiles(self.settings) if self.keeps_files else NoFiles(),
            network=self.network,
            clock=self.clock,
            ids=SystemIds(),
            tasks=Tasks("agent", lambda name, error: self.failures.append(error)),
        )
        return NodeAgent(self.settings, parts)

    async def start(self) -> None:
        """Start the agent and let it come to rest."""
        await self.agent.start()
        await self.clock.advance(0.1)

    async def apply(self, document: Document) -> None:
        """Put a pod into the API."""
        await self.server.put(f"{PODS}/{document['metadata']['name']}", document)

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Let time pass in small steps until `condition` holds."""
        for _ in range(int(seconds / 0.05)):
            if condition():
                return
            await self.clock.advance(0.05)
        assert condition(), f"not within {seconds} s: {self.server.objects.keys()}"

    async def stop(self) -> None:
        """Stop the agent; nothing it started may have failed."""
        await self.agent.stop()
        await self.runtime.close()
        assert self.failures == []
