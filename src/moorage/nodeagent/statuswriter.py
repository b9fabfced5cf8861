"""Brings one pod's status to the API: at once, only when it changed, only the newest.

In: statuses, and the pod as the API has it. Out: patches. A pod that is gone takes none; an API that does not answer is
asked again; what somebody else wrote over a status (the node controller: not Ready) is put right.
"""

import asyncio
from typing import Any

from moorage.api import conditions, meta
from moorage.base.backoff import Backoff
from moorage.base.errors import ApiError, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.podstatus import OWN_CONDITIONS, as_patch

_log = logger("nodeagent.status")
RETRY_SECONDS = (0.2, 10.0)
Status = dict[str, Any]


class StatusWriter:
    """Writes the status of one pod.

    Args:
        pod: whose.
        cluster: where to.
        clock: waits between tries.
    """

    def __init__(self, pod: Pod, cluster: Cluster, clock: Clock) -> None:
        self._pod = pod
        self._cluster = cluster
        self._clock = clock
        self._wanted: Status = {}
        self._sent: Status = {}
        self._revision = 0
        self._work = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self.last: Status = dict(pod.status)

    def offer(self, status: Status) -> None:
        """Have `status` written unless it is what the API has already."""
        self.last = status
        self._wanted = status
        if status != self._sent:
            self._settled.clear()
            self._work.set()

    def assume(self, status: Status) -> None:
        """Take `status` as what the API has (an agent before this one wrote it)."""
        self._sent = status

    def seen(self, pod: Pod) -> None:
        """Take the newest form of the pod."""
        self._pod = pod
        if self._contradicted():
            self._repeat()

    async def flush(self) -> None:
        """Return once the newest status has been written, or cannot be because the pod is gone."""
        await self._settled.wait()

    async def run(self) -> None:
        """Write until cancelled."""
        backoff = Backoff(*RETRY_SECONDS)
        while True:
            await self._work.wait()
            self._work.clear()
            status = self._wanted
            try:
                written = await self._cluster.write_status(self._pod, as_patch(status, self._pod.uid))
            except (ApiError, Unavailable) as error:
                _log.info("status not written, trying again", pod=self._pod.full_name, problem=error)
                await self._clock.sleep(backoff.failed("status"))
                self._work.set()
                continue
            backoff.succeeded("status")
            self._sent = status
            self._revision = written or self._revision
            if written and self._contradicted():
                self._repeat()
            elif self._wanted == status:
                self._settled.set()

    def _contradicted(self) -> bool:
        """Return whether the API has something else than was sent, written later (upstream: status manager, needsReconcile)."""
        later = int(meta.resource_version(self._pod.document) or 0) > self._revision
        return later and bool(self._sent) and not same_as_reported(self._sent, dict(self._pod.status))

    def _repeat(self) -> None:
        self._sent = {}
        self._settled.clear()
        self._work.set()


def same_as_reported(status: Status, reported: Status) -> bool:
    """Return whether the API already has everything `status` says."""
    plain = {key: value for key, value in status.items() if key != "conditions"}
    if any(reported.get(key) != value for key, value in plain.items()):
        return False
    listed = conditions.conditions({"status": reported})
    return all(
        (known := conditions.find(listed, one["type"])) is not None and known.get("status") == one["status"]
        for one in status.get("conditions", [])
        if one["type"] in OWN_CONDITIONS
    )
