"""Stops and removes every sandbox of a containerd, whatever node it belongs to.

In: `Layout`. Out: no sandbox, no container, no pod cgroup. Used by `moor down`.
"""

import asyncio
import contextlib

from moorage.base.limits import PARALLEL_SANDBOX_STARTS
from moorage.base.ports import Clock
from moorage.nodeagent.cri import messages
from moorage.nodeagent.cri.calls import LONG_SECONDS, Calls, NotFound
from moorage.nodeagent.cri.cgroups import PodCgroups, hierarchies
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.layout import Layout

REASON = "KillPodSandboxError"


async def stop_everything(layout: Layout, clock: Clock) -> None:
    """Stop and remove all sandboxes at once, a few at a time. Raises: RuntimeFailure, Unavailable."""
    calls = Calls(layout.socket, clock)
    slots = asyncio.Semaphore(PARALLEL_SANDBOX_STARTS)
    cgroups = PodCgroups(layout.cgroup_root, hierarchies())
    try:
        reply = await calls.call(calls.runtime.ListPodSandbox, pb.ListPodSandboxRequest(), REASON)
        await asyncio.gather(*(_stop(calls, slots, cgroups, sandbox) for sandbox in reply.items))
    finally:
        calls.close()


async def _stop(calls: Calls, slots: asyncio.Semaphore, cgroups: PodCgroups, sandbox: pb.PodSandbox) -> None:
    request = pb.SandboxId(pod_sandbox_id=sandbox.id)
    async with slots:
        with contextlib.suppress(NotFound):
            await calls.call(calls.runtime.StopPodSandbox, request, REASON, LONG_SECONDS)
            await calls.call(calls.runtime.RemovePodSandbox, request, REASON, LONG_SECONDS)
    cgroups.remove(sandbox.annotations.get(messages.CGROUP_ANNOTATION, ""))
