"""A whole cluster in the foreground: the control plane, and the nodes of the chosen runtime.

In: `Settings`. Out: a cluster that serves until SIGTERM or SIGINT. Real nodes are processes of their own that outlive this one;
made-up nodes live in this process and end with it.
"""

import asyncio
import signal
from collections.abc import Callable

from moorage.assembly import readiness
from moorage.assembly.controlplane import ControlPlane
from moorage.assembly.nodes import NodeProcesses
from moorage.assembly.readiness import Serving
from moorage.assembly.settings import Settings
from moorage.base.ports import Clock
from moorage.base.system import SystemClock
from moorage.sim.nodes import SimNodes


async def serve(settings: Settings, ready: Callable[[Serving], None]) -> None:
    """Run a cluster until this process is told to end.

    Args:
        settings: what the user chose.
        ready: called once, when the API answers.
    """
    clock: Clock = SystemClock()
    begun = clock.monotonic()
    plane = ControlPlane(settings)
    nodes: SimNodes | NodeProcesses | None = None
    stopped = _on_signals()
    try:
        await plane.start()
        serving = Serving(plane.url, settings.to_json(), clock.monotonic() - begun)
        readiness.announce(plane.paths.run, serving)
        ready(serving)
        await plane.start_loops()
        if settings.runtime != "none":
            nodes = SimNodes(plane, clock) if settings.runtime == "sim" else NodeProcesses(plane, clock)
            await nodes.start()
        await stopped.wait()
    finally:
        readiness.withdraw(plane.paths.run)
        if nodes is not None:
            await nodes.stop()
        await plane.stop()


def _on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    return stopped
