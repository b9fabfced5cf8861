"""Registers the node, keeps its Lease and status fresh.

In: settings, health. Out: Node and Lease in the API. Its loops end only when cancelled.
"""

from collections.abc import Callable
from typing import Any

from moorage.api import conditions, meta, scheme
from moorage.api.refs import Document, ObjectKey
from moorage.base.backoff import Backoff
from moorage.base.errors import ApiError, RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.client.api import Api
from moorage.client.requests import PatchBody
from moorage.nodeagent import node
from moorage.nodeagent.ports import Runtime
from moorage.nodeagent.settings import AgentSettings

_log = logger("nodeagent.node")
RETRY_SECONDS = (0.2, 5.0)
STATUS_SECONDS = 300.0
"""An unchanged status is reported this often (kubelet's nodeStatusReportFrequency), seconds."""


class Heartbeat:
    """The node's sign of life.

    Args:
        api: where to.
        runtime: its version and images are part of the status.
        settings: of the agent.
        clock: times.
        problem: says why the node is not ready, "" if it is.
    """

    def __init__(
        self, api: Api, runtime: Runtime, settings: AgentSettings, clock: Clock, problem: Callable[[], str]
    ) -> None:
        self._api = api
        self._runtime = runtime
        self._settings = settings
        self._clock = clock
        self._problem = problem
        self._key = ObjectKey("", settings.node_name)
        self._lease = ObjectKey(node.LEASE_NAMESPACE, settings.node_name)
        self._uid = ""
        self._version = ""
        self._reported: dict[str, Any] = {}
        self._reported_at = 0.0
        self.port = settings.server_port

    async def register(self) -> None:
        """Return once the Node exists, with its status and Lease."""
        backoff = Backoff(*RETRY_SECONDS)
        while True:
            try:
                await self._once()
                return
            except (ApiError, Unavailable, RuntimeFailure) as error:
                _log.info("not registered, trying again", problem=error)
            await self._clock.sleep(backoff.failed("register"))

    async def run(self) -> None:
        """Renew the Lease for ever; the status when it changed, or every five minutes."""
        backoff = Backoff(*RETRY_SECONDS)
        while True:
            try:
                await self._renew()
                await self._report()
            except (ApiError, Unavailable, RuntimeFailure) as error:
                _log.warning("heartbeat failed, trying again", problem=error)
                await self._clock.sleep(min(backoff.failed("beat"), self._settings.lease_seconds))
                continue
            backoff.succeeded("beat")
            await self._clock.sleep(self._settings.lease_seconds)

    async def _once(self) -> None:
        self._version = await self._runtime.version()
        self._uid = meta.uid(await self._ensure_node())
        await self._renew()
        await self._report()

    async def _ensure_node(self) -> Document:
        found = await self._api.find(scheme.NODES, self._key)
        if found is None:
            # With its status from the first moment: a Node without capacity has room for no pod.
            status = node.status(self._settings, await self._now(), (), self._clock.now())
            wanted = {**node.document(self._settings), "status": status}
            try:
                return await self._api.create(scheme.NODES, wanted)
            except ApiError as error:
                if error.reason != "AlreadyExists":
                    raise
        patch = {"metadata": {"labels": node.labels(self._settings)}}
        return await self._api.patch(scheme.NODES, self._key, PatchBody(patch))

    async def _renew(self) -> None:
        try:
            await self._api.patch(
                scheme.LEASES, self._lease, PatchBody(node.renewal(self._settings, self._clock.now()))
            )
        except ApiError as error:
            if error.code != 404:
                raise
            await self._api.create(scheme.LEASES, node.lease(self._settings, self._uid, self._clock.now()))

    async def _report(self) -> None:
        found = await self._api.find(scheme.NODES, self._key)
        if found is None or meta.uid(found) != self._uid:
            # Somebody deleted the Node; a living agent registers again, as a kubelet does.
            found = await self._ensure_node()
            self._uid = meta.uid(found)
            self._reported = {}
        report = await self._now()
        before = conditions.conditions(found)
        status = node.status(self._settings, report, before, self._clock.now())
        due = self._clock.monotonic() - self._reported_at >= STATUS_SECONDS
        if due or _essence(status) != self._reported or not _same_conditions(status, before):
            await self._api.patch(scheme.NODES, self._key, PatchBody({"status": status}, "strategic", "status"))
            self._reported, self._reported_at = _essence(status), self._clock.monotonic()

    async def _now(self) -> node.Report:
        images = [(one.tags or one.digests, one.size_bytes) for one in await self._runtime.images()]
        return node.Report(self._version, self.port, self._problem(), tuple(sorted(images)))


def _essence(status: dict[str, Any]) -> dict[str, Any]:
    """Return what of a status is news when it changes: everything but the conditions' times."""
    plain = [{key: one[key] for key in ("type", "status", "reason", "message")} for one in status["conditions"]]
    return {**status, "conditions": plain}


def _same_conditions(status: dict[str, Any], present: tuple[conditions.Condition, ...]) -> bool:
    """Return whether the API still says what was reported (the node controller may have written Unknown)."""
    return all(
        (known := conditions.find(present, one["type"])) is not None and known.get("status") == one["status"]
        for one in status["conditions"]
    )
