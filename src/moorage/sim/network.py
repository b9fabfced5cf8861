"""The network of made-up pods: whatever probe is sent, a running container answers it.

In: probe targets. Out: success. Readiness is ruled by annotations of the pod (`sim.behaviour`), not by the network.
"""

from collections.abc import Mapping


class SimNetwork:
    """`nodeagent.attempts.Network` without a network."""

    async def http(self, url: str, headers: Mapping[str, str], timeout: float) -> tuple[int, str]:
        """Answer 200."""
        return 200, "ok"

    async def tcp(self, host: str, port: int, timeout: float) -> None:
        """Accept."""
