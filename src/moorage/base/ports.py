"""Ports for what is ambient elsewhere: time, fresh ids, chance.

In: nothing. Out: three protocols; `base.system` implements them on the machine, `sim` in virtual time.
Every room takes them as arguments, so that no decision depends on anything a test cannot set.
"""

import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for what is written into objects, monotonic time for how long to wait."""

    def now(self) -> datetime.datetime:
        """Return the wall time, timezone UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class Ids(Protocol):
    """Fresh names."""

    def uid(self) -> str:
        """Return a new random UUID (version 4) as text."""
        ...

    def suffix(self, length: int) -> str:
        """Return `length` characters of the alphabet Kubernetes uses for generated names."""
        ...

    def token(self, size: int) -> str:
        """Return `size` unguessable bytes as URL-safe text: for credentials only."""
        ...


class Chance(Protocol):
    """Randomness that carries no secret: jitter and tie-breaking."""

    def uniform(self, low: float, high: float) -> float:
        """Return a number in [low, high]."""
        ...
