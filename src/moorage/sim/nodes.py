"""Made-up nodes: the real node agent over `sim.runtime`, in this process, each with its own node's credential.

In: a running `ControlPlane`. Out: nodes that register, and pods that become Ready by rule. No disk, no network, no containers.
"""

from pathlib import Path

from moorage.assembly.controlplane import ControlPlane
from moorage.base.log import logger
from moorage.base.ports import Clock, Ids
from moorage.base.system import SystemIds
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.client.transports.inprocess import InProcess, Server
from moorage.nodeagent.agent import NodeAgent, Parts
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.podfiles import NoFiles
from moorage.nodeagent.settings import AgentSettings, Capacity, Machine
from moorage.nodeagent.volumes.none import NoVolumes
from moorage.sim.network import SimNetwork
from moorage.sim.runtime import SimRuntime

_log = logger("sim")
CAPACITY = Capacity(cpu_millis=8000, memory_bytes=32 << 30, storage_bytes=256 << 30)


class SimNodes:
    """The made-up nodes of one cluster.

    Args:
        plane: started.
        clock: of all of them.
    """

    def __init__(self, plane: ControlPlane, clock: Clock) -> None:
        self._plane = plane
        self._clock = clock
        self._agents: list[NodeAgent] = []

    async def start(self) -> None:
        """Start every node."""
        for index, name in enumerate(self._plane.settings.node_names()):
            agent = self._agent(index, name)
            self._agents.append(agent)
            await agent.start()

    async def stop(self) -> None:
        """End every node and what it made up."""
        for agent in self._agents:
            await agent.stop()

    def _agent(self, index: int, name: str) -> NodeAgent:
        settings = self._plane.settings
        pod_cidr = settings.node_pod_cidr(index)
        chosen = AgentSettings(
            name,
            Path("/nonexistent"),
            "127.0.0.1",
            CAPACITY,
            Machine(os_image="made up", kernel="sim"),
            (settings.cluster_dns,),
            settings.domain,
            pod_cidr=pod_cidr,
        )
        return made_up_agent(chosen, self._plane.server, self._clock, SystemIds())


def made_up_agent(settings: AgentSettings, server: Server, clock: Clock, ids: Ids) -> NodeAgent:
    """Return the real agent of a made-up node, not started.

    Args:
        settings: of the node.
        server: the API, asked with the node's own credential.
        clock: of its machine.
        ids: names its containers.
    """
    name = settings.node_name
    user = User(f"system:node:{name}", ("system:nodes", "system:authenticated"))
    api = Api(InProcess(server, user), f"moorage-agent-{name}")
    tasks = Tasks(name, lambda task, error: _log.error("a task died", error, task=task))
    runtime = SimRuntime(clock, ids, settings.pod_cidr)
    volumes = NoVolumes(Cluster(api), clock)
    return NodeAgent(settings, Parts(api, runtime, volumes, NoFiles(), SimNetwork(), clock, ids, tasks))
