"""How long a pod takes through API and node agent, against the bare CRI calls for the same pod.

In: this machine (root, containerd). Out: medians in milliseconds, and their ratio. Both ways use one containerd, in turn. The
way through the agent ends when a client that watches has seen the pod Running.
Run: `python -m benchmarks.agentstart [PODS]`.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.podstart import IMAGE, LOOP, PODS, Bare, pod, timed
from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey
from moorage.assembly import containers
from moorage.assembly.paths import Paths
from moorage.assembly.settings import Settings
from moorage.base.system import SystemClock
from moorage.client import kubeconfig
from moorage.client.api import Api
from moorage.client.requests import DeleteOptions
from moorage.client.transports.http import HttpTransport
from moorage.nodeagent.cri import machine as containerd
from moorage.nodeagent.cri import standins
from moorage.nodeagent.cri.imagebuild import oci_archive
from moorage.nodeagent.cri.layout import Layout, NodeNetwork

NAMESPACE = "default"
# Not the defaults: a cluster of the developer's may be running.
UP = ["up", "--detach", "--runtime", "containerd", "--nodes", "1", "--port", "0"]
UP += ["--pod-cidr", "10.247.0.0/16", "--service-cidr", "10.248.0.0/16"]
SECONDS = 30.0


def manifest(name: str, node: str) -> Document:
    """Return the pod that `podstart.pod` describes to CRI, bound to a node."""
    limits = {"cpu": "100m", "memory": "64Mi"}
    container = {
        "name": "main", "image": IMAGE, "imagePullPolicy": "Never", "command": list(LOOP),
        "resources": {"requests": limits, "limits": {"memory": limits["memory"]}},
    }  # fmt: skip
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": NAMESPACE, "name": name},
        "spec": {"nodeName": node, "automountServiceAccountToken": False, "containers": [container]},
    }


class Agent:
    """The same through API and agent, followed by a watch.

    Args:
        api: a client.
        node: name of the node.
    """

    def __init__(self, api: Api, node: str) -> None:
        self._api = api
        self._node = node
        self._seen: dict[str, str] = {}
        self._news = asyncio.Condition()

    async def follow(self) -> None:
        """Note the phase of every pod."""
        async for event in self._api.watch(scheme.PODS, NAMESPACE):
            async with self._news:
                self._seen[event.object["metadata"]["name"]] = "" if event.type == "DELETED" else _phase(event.object)
                self._news.notify_all()

    async def up(self, name: str) -> str:
        """Create a pod and see it Running."""
        await self._api.create(scheme.PODS, manifest(name, self._node))
        await self._until(name, "Running")
        return name

    async def down(self, name: str) -> None:
        """Delete a pod and see it gone."""
        await self._api.delete(scheme.PODS, ObjectKey(NAMESPACE, name), DeleteOptions(grace_seconds=1))
        await self._until(name, "")

    async def _until(self, name: str, phase: str) -> None:
        async with asyncio.timeout(SECONDS), self._news:
            await self._news.wait_for(lambda: self._seen.get(name) == phase)


def _phase(document: Document) -> str:
    found: str = document["status"]["phase"]
    return found


async def measure(folder: Path, count: int) -> None:
    """Start `count` pods each way, in turn, and print."""
    settings = containers.machine_settings(Settings.load(Paths(folder).settings))
    layout, clock = Layout(folder), SystemClock()
    archive = folder / "tools.tar"
    archive.write_bytes(oci_archive({IMAGE: standins.busybox(Path("/bin/busybox").read_bytes())}))  # noqa: ASYNC240 — once
    await containerd.import_archive(archive, layout, clock)
    # The agent would remove what it did not make: the bare pods carry the name of no node.
    bare = Bare(layout, NodeNetwork("bare", settings.nodes[0].index, settings.nodes[0].pod_cidr))
    times: dict[str, list[float]] = {"bare": [], "agent": []}
    async with _client(folder, settings.nodes[0].name) as agent:
        for index in range(count + 1):
            sandbox, config = pod(folder, "bare", index)
            identity, alone = await timed(bare.up(sandbox, config))
            await bare.down(identity)
            name, whole = await timed(agent.up(f"agent-{index}"))
            await agent.down(name)
            # The first of each warms caches.
            times["bare"] += [alone] if index else []
            times["agent"] += [whole] if index else []
    bare.close()
    middle = {way: statistics.median(values) for way, values in times.items()}
    print(f"one pod, bare CRI calls:                 {middle['bare']:.0f} ms (median of {count})")
    print(
        f"one pod, API and node agent, to Running: {middle['agent']:.0f} ms ({middle['agent'] / middle['bare']:.2f} x)"
    )


@asynccontextmanager
async def _client(folder: Path, node: str) -> AsyncIterator[Agent]:
    access = kubeconfig.load([folder / "kubeconfig"])
    api = Api(HttpTransport(access.server, access.tls()), "bench")
    agent = Agent(api, node)
    await _serviceaccount(api)
    watch = asyncio.ensure_future(agent.follow())
    try:
        yield agent
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await api.close()


async def _serviceaccount(api: Api) -> None:
    """Wait until pods can be made at all."""
    events = api.watch(scheme.SERVICEACCOUNTS, NAMESPACE)
    async with asyncio.timeout(SECONDS):
        async for event in events:
            if event.object["metadata"]["name"] == "default":
                break
    await events.aclose()


def _moor(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "moorage", *words, "--data-dir", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if sys.argv[-1].isdecimal() else PODS
    print(machine())
    with tempfile.TemporaryDirectory(prefix="moorage-bench-") as name:
        folder = Path(name) / "data"
        try:
            _moor(folder, *UP)
            asyncio.run(measure(folder, count))
            print(_moor(folder, "status").rstrip())
        finally:
            _moor(folder, "down", "--purge")


if __name__ == "__main__":
    main()
