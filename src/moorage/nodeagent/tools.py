"""What every pod worker of a node works with.

In: the agent's parts. Out: `Tools`, handed down once.
"""

from dataclasses import dataclass

from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.nodeagent.attempts import Network
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.events import Recorder
from moorage.nodeagent.images import Images
from moorage.nodeagent.podfiles import PodFiles
from moorage.nodeagent.ports import Runtime
from moorage.nodeagent.relist import Relist
from moorage.nodeagent.settings import AgentSettings
from moorage.nodeagent.volumes.ports import Volumes


@dataclass(frozen=True, slots=True)
class Tools:
    """One node's parts.

    Args:
        settings: of the agent.
        runtime: what runs containers.
        relist: what it has.
        cluster: the API.
        volumes: the pods' volumes.
        files: the agent's own files of pods.
        images: pulls.
        recorder: events.
        network: how probes reach pods.
        clock: time.
        tasks: what runs in the background.
    """

    settings: AgentSettings
    runtime: Runtime
    relist: Relist
    cluster: Cluster
    volumes: Volumes
    files: PodFiles
    images: Images
    recorder: Recorder
    network: Network
    clock: Clock
    tasks: Tasks

    def now(self) -> float:
        """Return the wall time, UTC seconds."""
        return self.clock.now().timestamp()
