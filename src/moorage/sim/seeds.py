"""Time, ids and chance from one seed: the ports of `base.ports` whose every answer can be repeated.

In: a seed, a `VirtualLoop`. Out: `SimClock`, `SeededIds`, `Dice`. Each purpose has its own stream, so that a draw more in one
place does not change what another draws.
"""

import asyncio
import datetime
import random
import uuid

from moorage.base.system import NAME_ALPHABET

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


class Dice(random.Random):
    """A stream of chance for one purpose (`Chance` of `base.ports`, and all of `random.Random`).

    Args:
        seed: of the run.
        purpose: names the stream.
    """

    def __new__(cls, seed: int, purpose: str) -> "Dice":
        return super().__new__(cls)

    def __init__(self, seed: int, purpose: str) -> None:
        super().__init__(f"{seed}/{purpose}")

    def happens(self, share: float) -> bool:
        """Return True in `share` of the cases, 0 to 1."""
        return share > 0 and self.random() < share


class SimClock:
    """`Clock` of one machine: the loop's time, plus what the machine's wall clock is off.

    Args:
        loop: whose time.
        start: wall-clock time when the loop began.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime.datetime = START) -> None:
        self._loop = loop
        self._start = start
        self.off = 0.0
        """Seconds by which the wall clock is ahead; a clock step changes it."""

    def now(self) -> datetime.datetime:
        return self._start + datetime.timedelta(seconds=self._loop.time() + self.off)

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        done = self._loop.create_future()
        timer = self._loop.call_later(max(0.0, seconds), _finish, done)
        try:
            await done
        finally:
            timer.cancel()


class SeededIds:
    """`Ids` that repeat.

    Args:
        dice: a stream of its own.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def uid(self) -> str:
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))

    def suffix(self, length: int) -> str:
        return "".join(self._dice.choice(NAME_ALPHABET) for _ in range(length))

    def token(self, size: int) -> str:
        return self._dice.randbytes(size).hex()


def _finish(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)
