"""Which of several control planes works: a Lease, held and renewed.

In: an `Api`, an identity. Out: `lead()` runs while the Lease is ours. It only saves work: no rule of the system depends on
there being one leader, for a paused leader cannot know that it is none (facts/reliability.md ID9). Off in a single process.
Another's Lease counts as expired when it did not change for its whole duration by our own clock: clocks may differ.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import LEASES
from moorage.api.times import format_micro_time
from moorage.base.errors import ApiError, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.client.api import Api

_log = logger("leadership")
LEASE_SECONDS = 15.0
"""How long a Lease counts without renewal, seconds (client-go's default)."""
RENEW_SECONDS = 10.0
"""How long a leader tries to renew before it gives up, seconds."""
RETRY_SECONDS = 2.0
"""Time between attempts, seconds."""


@dataclass(slots=True)
class _Seen:
    """The Lease as it was seen last, and when by our own clock it became so."""

    version: str = ""
    at: float = 0.0


class Leadership:
    """One candidate.

    Args:
        api: where the Lease is.
        clock: for renewals.
        tasks: runs what the leader does.
        key: the Lease.
        identity: name of this candidate, unlike every other's.
    """

    def __init__(self, api: Api, clock: Clock, tasks: Tasks, key: ObjectKey, identity: str) -> None:
        self._api = api
        self._clock = clock
        self._tasks = tasks
        self._key = key
        self._identity = identity
        self._seen = _Seen()
        self._another_holds = False
        self.leading = False

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Wait for the Lease, run `lead` while it is ours, cancel it when it is lost, and begin anew."""
        while True:
            while not await self._take():
                await self._clock.sleep(RETRY_SECONDS)
            self.leading = True
            _log.info("leading", lease=self._key, identity=self._identity)
            work = self._tasks.start("leader", _awaited(lead))
            await self._hold()
            self.leading = False
            _log.warning("no longer leading", lease=self._key, identity=self._identity)
            work.cancel()

    async def _hold(self) -> None:
        """Renew until that fails for too long."""
        renewed = self._clock.monotonic()
        while self._clock.monotonic() - renewed < RENEW_SECONDS:
            await self._clock.sleep(RETRY_SECONDS)
            if await self._take():
                renewed = self._clock.monotonic()
            elif self._another_holds:
                return

    async def _take(self) -> bool:
        """Create, renew or take over the Lease; False where it is another's or could not be written."""
        try:
            lease = await self._api.find(LEASES, self._key)
            if lease is None:
                await self._api.create(LEASES, self._wanted(None))
                return True
            if not self._is_free(lease):
                return False
            await self._api.update(LEASES, self._wanted(lease))
        except (ApiError, Unavailable) as problem:
            _log.debug("lease not written", lease=self._key, problem=problem)
            return False
        return True

    def _is_free(self, lease: Document) -> bool:
        """Return whether the Lease is ours, given up, or has not changed for its whole duration."""
        now, version = self._clock.monotonic(), meta.resource_version(lease)
        if version != self._seen.version:
            self._seen = _Seen(version, now)
        spec = lease.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        self._another_holds = holder not in ("", self._identity)
        return not self._another_holds or now - self._seen.at >= float(spec.get("leaseDurationSeconds") or 0)

    def _wanted(self, present: Document | None) -> Document:
        """Return the Lease in our name; its resourceVersion decides between two who take it at once."""
        old = (present or {}).get("spec") or {}
        now = format_micro_time(self._clock.now())
        ours = old.get("holderIdentity") == self._identity
        spec = {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": int(LEASE_SECONDS),
            "renewTime": now,
            "acquireTime": old.get("acquireTime", now) if ours else now,
            "leaseTransitions": (old.get("leaseTransitions") or 0) + (0 if ours or present is None else 1),
        }
        metadata = present["metadata"] if present else {"namespace": self._key.namespace, "name": self._key.name}
        return {"apiVersion": LEASES.api_version, "kind": LEASES.kind, "metadata": metadata, "spec": spec}


async def _awaited(lead: Callable[[], Awaitable[None]]) -> None:
    await lead()
