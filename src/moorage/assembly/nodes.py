"""Real nodes: one process an agent, which outlives the control plane and is found again by the next one.

In: a running `ControlPlane`. Out: agent processes, each started again when it dies; `stop` leaves them running: pods must not
notice that the control plane went. `moor down` ends them.
"""

from moorage.assembly import containers, credentials, processes
from moorage.assembly.controlplane import ControlPlane
from moorage.base.backoff import Backoff
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks

_log = logger("assembly")
LOOK_SECONDS = 1.0


class NodeProcesses:
    """The agents of this machine.

    Args:
        plane: started; its authority signs the agents' certificates.
        clock: for waits.
    """

    def __init__(self, plane: ControlPlane, clock: Clock) -> None:
        self._plane = plane
        self._clock = clock
        self._tasks = Tasks("nodes", lambda name, error: _log.error("a task died", error, task=name))

    async def start(self) -> None:
        """Start, or find, every agent and watch over it."""
        for network in containers.machine_settings(self._plane.settings).nodes:
            name = network.name
            folder = self._plane.paths.credentials(name)
            credentials.hand_over(self._plane.authority, folder, name, network.gateway)
            self._run(name)
            self._tasks.start(name, self._watch(name))

    async def stop(self) -> None:
        """Stop watching; the agents go on."""
        await self._tasks.stop()

    def _run(self, name: str) -> None:
        paths = self._plane.paths
        if processes.find(paths.run, f"agent-{name}") is None:
            words = processes.command(
                "agent", "--data-dir", str(paths.root), "--node", name, "--server", self._plane.url
            )
            processes.start(paths.run, f"agent-{name}", words, paths.logs / f"agent-{name}.log")

    async def _watch(self, name: str) -> None:
        """Start the agent again when it died, with growing pauses while it keeps dying."""
        backoff = Backoff(LOOK_SECONDS, 60.0)
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            if processes.find(self._plane.paths.run, f"agent-{name}") is not None:
                backoff.succeeded(name)
                continue
            wait = backoff.failed(name)
            _log.warning("a node agent died, starting it again", node=name, wait=f"{wait:g}s")
            await self._clock.sleep(wait)
            self._run(name)
