"""Following one object until something is true of it: `rollout status`, `wait`, `delete`.

In: an object as last read. Out: its states as they come, None once it is gone; each wait can have an end.
"""

import contextlib
import signal
from collections.abc import AsyncGenerator, Iterator

from moorage.api.refs import Document, Resource
from moorage.base.errors import ApiError, UserError
from moorage.cli.context import Context
from moorage.client.requests import ListOptions

TIMED_OUT = "timed out waiting for the condition"


class TimedOut(UserError):
    """What was waited for did not come in time."""


async def states(where: Context, resource: Resource, found: Document) -> AsyncGenerator[Document | None, None]:
    """Yield the object as it is, then after each change; None when it, not a namesake, was deleted.

    Raises:
        ApiError: the watch was refused.
    """
    metadata = found["metadata"]
    yield found
    revision = metadata["resourceVersion"]
    while True:
        fields = ListOptions(fields=f"metadata.name={metadata['name']}", revision=revision)
        watch = where.api.watch(resource, metadata.get("namespace", ""), fields)
        async with contextlib.aclosing(watch) as events:
            async for event in events:
                if event.type == "ERROR":
                    raise ApiError(event.object)
                revision = event.object["metadata"]["resourceVersion"]
                yield None if event.type == "DELETED" else event.object


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let the body take so long, 0 for as long as it wants. Main thread only. Raises: TimedOut.

    The command line's transport blocks, so only a signal can end its waiting.
    """
    before = signal.signal(signal.SIGALRM, _expired)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _expired(*_: object) -> None:
    raise TimedOut(TIMED_OUT)
