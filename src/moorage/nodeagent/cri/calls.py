"""One call to containerd, with its failures put into our words.

In: a stub's method and a request. Out: the reply, or `Unavailable`, `NotFound`, `RuntimeFailure`, `TimeoutError`.
The text of a failure is what Kubernetes prints: `rpc error: code = … desc = …`.
"""

from pathlib import Path
from typing import Any, TypeVar

from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.const import Status
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.ports import Clock
from moorage.nodeagent.cri.generated.cri_grpc import ImageServiceStub, RuntimeServiceStub

Request = TypeVar("Request")
Reply = TypeVar("Reply")
# containerd answers CRI about 0.26 s after its start; until then every call says so (fact sheet runtime, section 3).
STARTING = "server is not initialized yet"
STARTING_SECONDS = 10.0
STARTING_POLL_SECONDS = 0.05
SHORT_SECONDS = 20.0
"""Deadline of a call that only looks or removes."""
LONG_SECONDS = 240.0
"""Deadline of a call that starts something (kubelet's sandbox deadline: 4 minutes)."""


class NotFound(RuntimeFailure):
    """What the call is about does not exist (any more)."""


class Calls:
    """A connection to containerd's CRI services; it connects on first use and again after a restart of containerd.

    Args:
        socket: containerd's socket.
        clock: for retries while containerd starts.
    """

    def __init__(self, socket: Path, clock: Clock) -> None:
        self._clock = clock
        self.channel = Channel(path=str(socket))
        self.runtime = RuntimeServiceStub(self.channel)
        self.images = ImageServiceStub(self.channel)

    async def call(
        self,
        method: UnaryUnaryMethod[Request, Reply],
        request: Request,
        reason: str,
        timeout: float | None = SHORT_SECONDS,
    ) -> Reply:
        """Make one call; while containerd is starting, repeat it.

        Args:
            method: of `runtime` or `images`.
            request: its message.
            reason: CamelCase reason a failure carries into the pod's status.
            timeout: deadline in seconds, None for none.

        Raises:
            Unavailable: containerd does not answer; the outcome is unknown.
            NotFound: the sandbox, container or image does not exist.
            RuntimeFailure: containerd refused.
            TimeoutError: containerd gave up on a deadline of its own.
        """
        until = self._clock.monotonic() + STARTING_SECONDS
        while True:
            try:
                return await method(request, timeout=timeout)
            except GRPCError as error:
                if STARTING not in (error.message or "") or self._clock.monotonic() > until:
                    raise translate(error, reason) from error
            except (OSError, StreamTerminatedError, ProtocolError) as error:
                raise unreachable(error) from error
            await self._clock.sleep(STARTING_POLL_SECONDS)

    def close(self) -> None:
        """Close the connection."""
        self.channel.close()


def translate(error: GRPCError, reason: str) -> Exception:
    """Return our error for containerd's."""
    text = error.message or ""
    if STARTING in text or error.status is Status.UNAVAILABLE:
        return Unavailable(f"containerd is not ready: {text}")
    message = f"rpc error: code = {code_name(error.status)} desc = {text}"
    if error.status is Status.DEADLINE_EXCEEDED:
        return TimeoutError(message)
    return (NotFound if error.status is Status.NOT_FOUND else RuntimeFailure)(reason, message)


def unreachable(error: Exception) -> Unavailable:
    """Return our error for a connection that failed or a deadline of our own that passed."""
    return Unavailable(f"containerd does not answer ({type(error).__name__}{f': {error}' if str(error) else ''})")


def code_name(status: Any) -> str:
    """Return a gRPC status as Go prints it, e.g. `NotFound`."""
    if status is Status.CANCELLED:
        return "Canceled"
    return "".join(word.capitalize() for word in status.name.split("_"))
