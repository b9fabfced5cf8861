"""The runtimes the suite runs on, and the pods it makes.

In: a data directory. Out: `SimBackend`, `ContainerdBackend`, each opening the port within a test's own loop; `Pods`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from moorage.base.system import SystemClock, SystemIds
from moorage.nodeagent.cri import machine, standins
from moorage.nodeagent.cri.imagebuild import oci_archive
from moorage.nodeagent.cri.layout import Layout, Settings, node_networks
from moorage.nodeagent.cri.references import full_reference
from moorage.nodeagent.cri.registry import Registry
from moorage.nodeagent.cri.runtime import CriRuntime
from moorage.nodeagent.ports import ContainerConfig, Runtime, RuntimePod, SandboxConfig
from moorage.sim.runtime import Physics, SimRuntime

TOOLS = "moorage-test/tools:1"
"""Image with a shell, present from the start."""
SERVED = "moorage-test/served:1"
"""Image that can be pulled."""
NO_END = ("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done")
STUBBORN = ("sleep", "600")
"""Process 1 without a handler: the kernel keeps SIGTERM from it."""
BUSYBOX = Path("/bin/busybox")
WAIT_SECONDS = 20.0
# Ranges of their own: a cluster may run on the same machine.
CLUSTER_CIDR, SERVICE_CIDR = "10.241.0.0/16", "10.242.0.0/16"


class Backend(Protocol):
    """One implementation under test."""

    def open(self, node: int = 0) -> contextlib.AbstractAsyncContextManager[Runtime]:
        """Connect to a node's runtime within the running loop; what runs outlives the connection."""
        ...


class SimBackend:
    """The made-up runtime."""

    def __init__(self) -> None:
        physics = Physics(0.0, 0.0, 0.0)
        networks = node_networks(["n0", "n1"], CLUSTER_CIDR)
        self._nodes = [SimRuntime(SystemClock(), SystemIds(), one.pod_cidr, physics) for one in networks]

    @contextlib.asynccontextmanager
    async def open(self, node: int = 0) -> AsyncIterator[Runtime]:
        """See `Backend.open`."""
        await self._nodes[node].pull_image(TOOLS)
        yield self._nodes[node]
        await self._nodes[node].close()


class ContainerdBackend:
    """A private containerd for the whole test run, with two nodes.

    Args:
        data_dir: its home.
    """

    def __init__(self, data_dir: Path) -> None:
        nodes = node_networks(["n0", "n1"], CLUSTER_CIDR)
        self.settings = Settings(data_dir, nodes, CLUSTER_CIDR, SERVICE_CIDR)
        self.layout = Layout(data_dir)

    async def start(self) -> None:
        """Bring it up with the tools image."""
        await machine.up(self.settings, SystemClock())
        file = self.settings.data_dir / "tools.tar"
        await asyncio.to_thread(file.write_bytes, oci_archive({full_reference(TOOLS): tools()}))
        assert await machine.import_archive(file, self.layout, SystemClock()) == [full_reference(TOOLS)]

    async def stop(self) -> list[str]:
        """Take it down; return what is left."""
        return await machine.down(self.settings, SystemClock(), purge=True)

    @contextlib.asynccontextmanager
    async def open(self, node: int = 0) -> AsyncIterator[Runtime]:
        """See `Backend.open`; a registry on loopback answers every pull."""
        registry = Registry({SERVED: tools()})
        url = await registry.start()
        await machine.up(replace(self.settings, mirror=url), SystemClock())
        runtime = CriRuntime(self.layout, self.settings.nodes[node], SystemClock())
        try:
            yield runtime
        finally:
            for pod in await runtime.list_pods():
                for one in pod.sandboxes:
                    await runtime.stop_sandbox(one.id)
                    await runtime.remove_sandbox(one.id)
            await runtime.close()
            await registry.close()


def tools() -> Any:
    """Return the image with a shell."""
    return standins.busybox(BUSYBOX.read_bytes())


@dataclass(frozen=True)
class Pods:
    """Makes pods whose names no other test uses.

    Args:
        folder: for logs and mounts.
    """

    folder: Path

    def sandbox(self, name: str, **changes: Any) -> SandboxConfig:
        """Return the config of a pod's sandbox."""
        config = SandboxConfig(
            uid=f"uid-{self.folder.name}-{name}",
            name=name,
            namespace="default",
            attempt=0,
            hostname=name,
            log_directory=str(self.folder / "logs" / name),
        )
        return replace(config, **changes)


def container(*command: str, **changes: Any) -> ContainerConfig:
    """Return the config of a container that runs `command`."""
    config = ContainerConfig("main", 0, TOOLS, "main/0.log", command=command or NO_END)
    return replace(config, **changes)


async def launch(runtime: Runtime, sandbox: SandboxConfig, config: ContainerConfig) -> str:
    """Start a sandbox with one container; return the container's id."""
    sandbox_id = await runtime.start_sandbox(sandbox)
    container_id = await runtime.create_container(sandbox_id, sandbox, config)
    await runtime.start_container(container_id)
    return container_id


async def pod(runtime: Runtime, uid: str) -> RuntimePod:
    """Return the pod with this uid."""
    return next(found for found in await runtime.list_pods() if found.uid == uid)


async def wait_for(runtime: Runtime, uid: str, holds: Callable[[RuntimePod], bool]) -> RuntimePod:
    """Wait, by the runtime's own events, until a pod is as wished."""

    async def watch() -> RuntimePod:
        async for _ in runtime.events():
            found = await pod(runtime, uid)
            if holds(found):
                return found
        raise AssertionError("the events ended")

    return await asyncio.wait_for(watch(), WAIT_SECONDS)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run one test in a loop of its own."""
    asyncio.run(work)
