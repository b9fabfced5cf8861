"""How long a pod takes: bare CRI calls, and the same pod through the runtime port.

In: this machine (root, containerd). Out: medians in milliseconds. Run: `python -m benchmarks.podstart [PODS]`.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from moorage.base.system import SystemClock
from moorage.nodeagent.cri import machine, messages, standins
from moorage.nodeagent.cri.calls import LONG_SECONDS, Calls
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.imagebuild import oci_archive
from moorage.nodeagent.cri.layout import Layout, NodeNetwork, Settings, node_networks
from moorage.nodeagent.cri.runtime import CriRuntime
from moorage.nodeagent.ports import ContainerConfig, Limits, SandboxConfig

IMAGE = "docker.io/moorage-bench/tools:1"
PODS = 15
LOOP = ("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done")


def pod(folder: Path, kind: str, index: int) -> tuple[SandboxConfig, ContainerConfig]:
    """Return the configs of one pod."""
    name = f"{kind}-{index}"
    limits = Limits(cpu_shares=102, memory_bytes=64 * 1024 * 1024)
    sandbox = SandboxConfig(name, name, "default", 0, name, str(folder / "logs" / name), f"/kubepods/pod{name}", limits)
    return sandbox, ContainerConfig("main", 0, IMAGE, "main/0.log", command=LOOP, limits=limits)


class Bare:
    """The calls of one pod and nothing else."""

    def __init__(self, layout: Layout, node: NodeNetwork) -> None:
        self._calls = Calls(layout.socket, SystemClock())
        self._layout = layout
        self._node = node

    async def up(self, sandbox: SandboxConfig, config: ContainerConfig) -> str:
        """RunPodSandbox, CreateContainer, StartContainer."""
        runtime = self._calls.runtime
        form = messages.sandbox_config(sandbox, self._node.name, f"{self._layout.cgroup_root}{sandbox.cgroup_parent}")
        run = pb.RunPodSandboxRequest(config=form, runtime_handler=self._layout.handler(self._node))
        sandbox_id = (await runtime.RunPodSandbox(run, timeout=LONG_SECONDS)).pod_sandbox_id
        create = pb.CreateContainerRequest(
            pod_sandbox_id=sandbox_id,
            config=messages.container_config(config, sandbox, self._node.name),
            sandbox_config=form,
        )
        container_id = (await runtime.CreateContainer(create)).container_id
        await runtime.StartContainer(pb.ContainerId(container_id=container_id))
        return str(sandbox_id)

    async def down(self, sandbox_id: str) -> None:
        """StopPodSandbox, RemovePodSandbox."""
        identity = pb.SandboxId(pod_sandbox_id=sandbox_id)
        await self._calls.runtime.StopPodSandbox(identity)
        await self._calls.runtime.RemovePodSandbox(identity)

    def close(self) -> None:
        """Close the connection."""
        self._calls.close()


class Port:
    """The same through the runtime port, seen running at the end as an agent would."""

    def __init__(self, runtime: CriRuntime) -> None:
        self._runtime = runtime

    async def up(self, sandbox: SandboxConfig, config: ContainerConfig) -> str:
        """Image check, sandbox, container, start, look."""
        assert await self._runtime.image(config.image)
        sandbox_id = await self._runtime.start_sandbox(sandbox)
        container_id = await self._runtime.create_container(sandbox_id, sandbox, config)
        await self._runtime.start_container(container_id)
        assert any(found.uid == sandbox.uid for found in await self._runtime.list_pods())
        return sandbox_id

    async def down(self, sandbox_id: str) -> None:
        """Stop and remove."""
        await self._runtime.stop_sandbox(sandbox_id)
        await self._runtime.remove_sandbox(sandbox_id)


async def timed(work: Awaitable[str]) -> tuple[str, float]:
    """Return a result and the milliseconds it took."""
    clock = SystemClock()
    begin = clock.monotonic()
    return await work, (clock.monotonic() - begin) * 1000


async def measure(folder: Path, count: int, report: Callable[[str], None]) -> None:
    """Start `count` pods each way, in turn, and report."""
    settings = Settings(folder, node_networks(["bench"], "10.245.0.0/16"), "10.245.0.0/16", "10.246.0.0/16")
    begin = SystemClock().monotonic()
    layout = await machine.up(settings, SystemClock())
    report(f"containerd up, first time: {(SystemClock().monotonic() - begin) * 1000:.0f} ms")
    try:
        await _pods(settings, layout, count, report)
    finally:
        left = await machine.down(settings, SystemClock(), purge=True)
    report(f"left behind: {left or 'nothing'}")


async def _pods(settings: Settings, layout: Layout, count: int, report: Callable[[str], None]) -> None:
    archive = settings.data_dir / "tools.tar"
    archive.write_bytes(oci_archive({IMAGE: standins.busybox(Path("/bin/busybox").read_bytes())}))  # noqa: ASYNC240 — once
    await machine.import_archive(archive, layout, SystemClock())
    node = settings.nodes[0]
    runtime, bare = CriRuntime(layout, node, SystemClock()), Bare(layout, node)
    port = Port(runtime)
    times: dict[str, list[float]] = {"bare": [], "port": []}
    for index in range(count + 1):
        for kind, way in (("bare", bare), ("port", port)):
            sandbox, config = pod(settings.data_dir, kind, index)
            identity, spent = await timed(way.up(sandbox, config))
            # The first of each warms caches.
            times[kind] += [spent] if index else []
            await way.down(identity)
    middle = {kind: statistics.median(values) for kind, values in times.items()}
    report(f"one pod, bare CRI calls:  {middle['bare']:.0f} ms (median of {count})")
    report(f"one pod, runtime port:    {middle['port']:.0f} ms ({middle['port'] / middle['bare']:.2f} x)")
    await _at_once(settings, port, 20, report)
    bare.close()
    await runtime.close()


async def _at_once(settings: Settings, port: Port, count: int, report: Callable[[str], None]) -> None:
    pods = [pod(settings.data_dir, "many", index) for index in range(count)]
    clock = SystemClock()
    begin = clock.monotonic()
    identities = await asyncio.gather(*(port.up(sandbox, config) for sandbox, config in pods))
    up = clock.monotonic()
    await asyncio.gather(*(port.down(identity) for identity in identities))
    report(f"{count} pods at once, port:    up {up - begin:.2f} s, down {clock.monotonic() - up:.2f} s")


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if sys.argv[-1].isdecimal() else PODS
    with tempfile.TemporaryDirectory(prefix="moorage-bench-") as folder:
        asyncio.run(measure(Path(folder), count, print))


if __name__ == "__main__":
    main()
