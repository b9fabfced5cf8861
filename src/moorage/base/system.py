"""The machine's own clock, ids and chance: the only reader of any of the three.

In: nothing. Out: implementations of `base.ports`.
"""

import asyncio
import datetime
import random
import secrets
import time
import uuid

# Alphabet of generated names and hashes: k8s.io/apimachinery/pkg/util/rand (no vowels, no look-alikes).
NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


class SystemClock:
    """`Clock` of this machine."""

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SystemIds:
    """`Ids` from the machine's random source."""

    def uid(self) -> str:
        return str(uuid.uuid4())

    def suffix(self, length: int) -> str:
        return "".join(secrets.choice(NAME_ALPHABET) for _ in range(length))

    def token(self, size: int) -> str:
        return secrets.token_urlsafe(size)


class SystemChance:
    """`Chance` from the machine's pseudo-random generator."""

    def uniform(self, low: float, high: float) -> float:
        return random.uniform(low, high)
