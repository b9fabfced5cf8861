"""Stops and removes every sandbox of a containerd, whatever node it belongs to.

In: `Layout`. Out: no sandbox, no container, no pod cgroup. Used by `moor down`.
"""

import asyncio
import contextlib

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.limits import PARALLEL_SANDBOX_STARTS
from moorage.base.ports import Clock
from moorage.nodeagent.cri import messages
from moorage.nodeagent.cri.calls import LONG_SECONDS, Calls, NotFound
from moorage.nodeagent.cri.cgroups import PodCgroups, hierarchies
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.layout import Layout

REASON = "KillPodSandboxError"
TRIES = 3
"""How often one sandbox is tried: a plugin may fail in passing."""


async def stop_everything(layout: Layout, clock: Clock) -> list[str]:
    """Stop and remove all sandboxes, a few at a time; one that refuses does not keep the others.

    Returns:
        Why each refused, if any did.

    Raises:
        RuntimeFailure, Unavailable: not even a list could be had.
    """
    calls = Calls(layout.socket, clock)
    slots = asyncio.Semaphore(PARALLEL_SANDBOX_STARTS)
    cgroups = PodCgroups(layout.cgroup_root, hierarchies())
    try:
        reply = await calls.call(calls.runtime.ListPodSandbox, pb.ListPodSandboxRequest(), REASON)
        outcomes = await asyncio.gather(*(_stop(calls, slots, cgroups, sandbox) for sandbox in reply.items))
        return [outcome for outcome in outcomes if outcome]
    finally:
        calls.close()


async def _stop(calls: Calls, slots: asyncio.Semaphore, cgroups: PodCgroups, sandbox: pb.PodSandbox) -> str:
    refusal = ""
    async with slots:
        for _ in range(TRIES):
            try:
                await _stop_once(calls, sandbox.id)
                cgroups.remove(sandbox.annotations.get(messages.CGROUP_ANNOTATION, ""))
                return ""
            except (RuntimeFailure, Unavailable, TimeoutError) as error:
                refusal = str(error)
    return refusal


async def _stop_once(calls: Calls, identity: str) -> None:
    request = pb.SandboxId(pod_sandbox_id=identity)
    with contextlib.suppress(NotFound):
        await calls.call(calls.runtime.StopPodSandbox, request, REASON, LONG_SECONDS)
        await calls.call(calls.runtime.RemovePodSandbox, request, REASON, LONG_SECONDS)
