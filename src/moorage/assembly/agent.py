"""One real node agent: a process that knows the API's address and its own credential, and nothing of the control plane.

In: `Settings`, a node's name, the API's URL. Out: a node that runs pods, serves logs and exec, and answers DNS on the first node.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from moorage.assembly import containers, credentials, host
from moorage.assembly.nameserver import DNS_PORT, NameServer
from moorage.assembly.paths import Paths
from moorage.assembly.pki import client_context
from moorage.assembly.settings import Settings
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.base.system import SystemClock, SystemIds
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.transports.http import HttpTransport
from moorage.informer.shared import SharedCaches
from moorage.nodeagent.agent import NodeAgent, Parts
from moorage.nodeagent.attempts import HostNetwork
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.cri.layout import Layout, NodeNetwork
from moorage.nodeagent.cri.network import load_rules, services_table
from moorage.nodeagent.cri.runtime import CriRuntime
from moorage.nodeagent.podfiles import DiskFiles
from moorage.nodeagent.server import AgentServer, tls_context
from moorage.nodeagent.settings import AgentSettings
from moorage.nodeagent.volumes.disk import DiskVolumes
from moorage.nodeagent.volumes.mounts import LinuxMounts
from moorage.proxy.loop import Proxy

_log = logger("assembly")


async def serve(settings: Settings, name: str, server: str, stopped: asyncio.Event) -> None:
    """Run one agent until `stopped` is set. Raises: UserError where this machine cannot run containers."""
    clock = SystemClock()
    layout = await containers.up(settings, clock)
    network = next(one for one in containers.machine_settings(settings).nodes if one.name == name)
    runtime = CriRuntime(layout, network, clock)
    tasks = Tasks(name, lambda task, error: _log.error("a task died", error, task=task))
    own = credentials.find(Paths(settings.data_dir).credentials(name), name)
    api = Api(HttpTransport(server, client_context(own.authority, own.client)), f"moorage-agent-{name}")
    chosen = agent_settings(settings, network)
    parts = Parts(
        api,
        runtime,
        DiskVolumes(chosen, Cluster(api), LinuxMounts(), clock, SystemIds()),
        DiskFiles(chosen),
        HostNetwork(),
        clock,
        SystemIds(),
        tasks,
    )
    agent = NodeAgent(chosen, parts)
    serving = AgentServer(agent, runtime, chosen, clock)
    shown = tls_context(own.server.certificate, own.server.key, own.authority)
    try:
        async with _services(settings, layout, network, api, clock):
            agent.heartbeat.port = await serving.start(shown)
            await agent.start()
            _log.info("node is up", node=name)
            await stopped.wait()
    finally:
        await serving.stop()
        await agent.stop()
        await runtime.close()
        await api.close()


def agent_settings(settings: Settings, network: NodeNetwork) -> AgentSettings:
    """Return the settings of the agent of one node of this machine."""
    data_dir = Paths(settings.data_dir).node(network.name)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return AgentSettings(
        network.name,
        data_dir,
        network.gateway,
        host.capacity(data_dir),
        host.machine(),
        (settings.cluster_dns,),
        settings.domain,
        host.resolver(),
        network.pod_cidr,
        settings.api_service_ip,
        forbidden=(str(settings.data_dir),),
        volumes_dir=str(Paths(settings.data_dir).volumes),
    )


@contextlib.asynccontextmanager
async def _services(
    settings: Settings, layout: Layout, network: NodeNetwork, api: Api, clock: Clock
) -> AsyncIterator[None]:
    """Serve names and addresses of Services while the body runs: the first node does it for the whole machine."""
    if network.index != 0:
        yield
        return
    tasks = Tasks("services", lambda task, error: _log.error("a task died", error, task=task))
    caches = SharedCaches(api, clock, tasks)
    names = NameServer(settings.domain, caches, clock, SystemIds(), settings.cluster_dns)
    await names.start(settings.cluster_dns, DNS_PORT, Paths(settings.data_dir).run)
    proxy = Proxy(services_table(layout), settings.service_cidr, caches, clock, load_rules)

    async def follow() -> None:
        await caches.start()
        await proxy.run()

    tasks.start("follow", follow())
    try:
        yield
    finally:
        await names.stop()
        await tasks.stop()
