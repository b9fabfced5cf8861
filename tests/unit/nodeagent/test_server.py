"""The agent's HTTPS server, over real TLS on loopback: who may ask, logs, and streams handed over raw."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from moorage.assembly.pki import Authority, Leaf
from moorage.base.system import SystemClock, SystemIds
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.transports.splice import head
from moorage.nodeagent.agent import NodeAgent, Parts
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.podfiles import DiskFiles
from moorage.nodeagent.server import AgentServer, tls_context
from moorage.nodeagent.volumes.none import NoVolumes
from moorage.sim.runtime import Physics, SimRuntime
from tests.fakes.podserver import PODS, PodServer
from tests.unit.nodeagent.kit import SETTINGS, SimNetwork, pod_document


class StreamingRuntime(SimRuntime):
    """A made-up runtime whose exec goes to a streaming server of the test."""

    url = ""
    asked: tuple[str, ...] = ()

    async def exec_url(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool, stderr: bool) -> str:
        self.asked = tuple(command)
        return self.url


@dataclass
class Site:
    """One agent that serves."""

    runtime: StreamingRuntime
    url: str
    authority: Authority

    def client(self, group: str | None) -> ssl.SSLContext:
        """Return TLS settings of a client in a group, or without a certificate."""
        pair = self.authority.ensure(Leaf(f"client-{group}", "somebody", (group,))) if group else None
        return self.authority.client_context(pair)


@contextlib.asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    """Serve a node with one running pod `web-0`."""
    settings = replace(SETTINGS, data_dir=folder / "agent", server_host="127.0.0.1")
    clock, failures = SystemClock(), []
    runtime = StreamingRuntime(clock, SystemIds(), "10.42.0.0/24", Physics(0.0, 0.0, 0.0))
    api_server = PodServer()
    api = Api(api_server)
    tasks = Tasks("agent", lambda name, error: failures.append(error))
    volumes = NoVolumes(Cluster(api), clock)
    parts = Parts(api, runtime, volumes, DiskFiles(settings), SimNetwork(), clock, SystemIds(), tasks)
    agent = NodeAgent(settings, parts)
    await agent.start()
    await api_server.put(f"{PODS}/web-0", pod_document())
    while not api_server.status("web-0").get("podIP"):
        await asyncio.wait_for(api_server.changed(), 5.0)
    (folder / "pki").mkdir()
    authority = Authority(folder / "pki", clock)
    authority.ensure_authority()
    own = authority.ensure(Leaf("node-server", "node", hosts=("127.0.0.1",)))
    server = AgentServer(agent, runtime, settings, clock)
    port = await server.start(tls_context(own.certificate, own.key, authority.certificate))
    try:
        yield Site(runtime, f"https://127.0.0.1:{port}", authority)
    finally:
        await server.stop()
        await agent.stop()
        await runtime.close()
    assert failures == []


async def get(where: Site, path: str, group: str | None) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(where.url + path, ssl=where.client(group)) as answer:
        return answer.status, await answer.text()


def test_only_certificates_of_administrators_are_served(tmp_path: Path) -> None:
    async def story() -> None:
        async with site(tmp_path) as where:
            assert await get(where, "/healthz", "system:masters") == (200, "ok")
            assert (await get(where, "/pods", "system:nodes"))[0] == 403
            with pytest.raises(aiohttp.ClientError):
                await get(where, "/healthz", None)

    asyncio.run(story())


def test_logs_and_what_there_is_none_of(tmp_path: Path) -> None:
    async def story() -> None:
        async with site(tmp_path) as where:
            code, text = await get(where, "/containerLogs/default/web-0/web?tailLines=1", "system:masters")
            assert (code, text) == (200, "busybox:1 started\n")
            code, text = await get(where, "/containerLogs/default/web-0/web?previous=true", "system:masters")
            assert (code, text) == (400, 'previous terminated container "web" in pod "web-0" not found')
            assert (await get(where, "/containerLogs/default/nobody/web", "system:masters"))[0] == 404
            assert (await get(where, "/containerLogs/default/web-0/web?tailLines=x", "system:masters"))[0] == 400
            assert (await get(where, "/exec/default/web-0/web?command=ls&uid=other", "system:masters"))[0] == 404

    asyncio.run(story())


@pytest.mark.parametrize("loops", ["asyncio", "uvloop"])
def test_exec_hands_the_connection_over(tmp_path: Path, loops: str) -> None:
    async def story() -> None:
        heads: list[bytes] = []

        async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            while data := await reader.read(65536):
                writer.write(data.upper())
            writer.close()

        streaming = await asyncio.start_server(stream, "127.0.0.1", 0)
        async with site(tmp_path) as where, streaming:
            port = streaming.sockets[0].getsockname()[1]
            where.runtime.url = f"http://127.0.0.1:{port}/exec/token"
            ours = where.client("system:masters")
            host, _, own_port = where.url.removeprefix("https://").partition(":")
            reader, writer = await asyncio.open_connection(host, int(own_port), ssl=ours)
            writer.write(
                b"POST /exec/default/web-0/web?command=ls&command=-l HTTP/1.1\r\nHost: x\r\n"
                b"Authorization: Bearer secret\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n"
            )
            assert b"101" in await reader.readuntil(b"\r\n\r\n")
            big = b"abc" * 200_000
            writer.write(big)
            assert await reader.readexactly(len(big)) == big.upper()
            assert where.runtime.asked == ("ls", "-l")
            assert heads[0].startswith(b"POST /exec/token HTTP/1.1\r\n")
            assert b"Upgrade: SPDY/3.1" in heads[0]
            assert b"secret" not in heads[0]
            writer.close()

    # The transports of uvloop, on which servers run, are of no class of asyncio's.
    with asyncio.Runner(loop_factory=pytest.importorskip(loops).new_event_loop) as runner:
        runner.run(story())


def test_the_head_for_the_streaming_server_keeps_no_credentials() -> None:
    made = head("GET", "http://127.0.0.1:9/exec/a?b=c", [("Authorization", "x"), ("Upgrade", "websocket")])
    assert made == b"GET /exec/a?b=c HTTP/1.1\r\nHost: 127.0.0.1:9\r\nUpgrade: websocket\r\n\r\n"
