"""What can go wrong between a client and the API: a transport that delays, loses, repeats, cuts and freezes.

In: a real server, the `Weather`. Out: `Wire`, a `Transport`. A lost answer leaves the write done, a lost request leaves it
undone; the client cannot tell (reliability A.2). A partitioned client gets neither answers nor events until it is healed.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace

from moorage.base.errors import Unavailable
from moorage.base.ports import Clock
from moorage.client.ports import Request, Response, User, WatchEvent
from moorage.client.transports.inprocess import Server
from moorage.sim.recording import NOW, Exchange
from moorage.sim.seeds import Dice

TIMEOUT_SECONDS = 5.0
"""How long a client waits for an answer that never comes, seconds."""
_LOOK_SECONDS = 0.5
_FOR_EVER = 1e9


@dataclass(slots=True)
class Weather:
    """How bad it is now; the scenario changes it, `heal` ends it.

    Args:
        latency: longest one-way delay of a request, seconds.
        lost_requests: share of requests that never arrive.
        lost_answers: share of answers that never arrive.
        repeated: share of writes that arrive twice.
        cuts: share of watch events at which the watch breaks.
        partitioned: clients that reach nobody.
        frozen: clients whose watches deliver nothing: their caches grow stale; `client/pods` is one resource only.
        disk: longest time a commit takes, seconds.
        fuses: after how many more writes a client dies, before it learns of the last one.
        dead: clients that died so.
    """

    latency: float = 0.02
    lost_requests: float = 0.0
    lost_answers: float = 0.0
    repeated: float = 0.0
    cuts: float = 0.0
    partitioned: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    disk: float = 0.0
    fuses: dict[str, int] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)

    def heal(self) -> None:
        """End every fault."""
        self.latency, self.lost_requests, self.lost_answers, self.repeated, self.cuts = 0.02, 0.0, 0.0, 0.0, 0.0
        self.disk = 0.0
        self.partitioned.clear()
        self.frozen.clear()
        self.fuses.clear()

    def burnt(self, client: str) -> bool:
        """Count a write of `client`; return whether it died of it."""
        left = self.fuses.get(client)
        if left is None:
            return False
        self.fuses[client] = left - 1
        if left > 1:
            return False
        del self.fuses[client]
        self.dead.add(client)
        return True


@dataclass(frozen=True, slots=True)
class Network:
    """What every wire shares.

    Args:
        server: returns the server that runs now, None while it is down.
        clock: for delays.
        weather: the faults.
        dice: decides whom they meet.
        listeners: told of each answered request.
        arrivals: told of each answer that arrived.
    """

    server: Callable[[], Server | None]
    clock: Clock
    weather: Weather
    dice: Dice
    listeners: list[Callable[[Exchange], None]] = field(default_factory=list)
    arrivals: list[Callable[[Exchange], None]] = field(default_factory=list)


class Wire:
    """`Transport` of one client.

    Args:
        network: see `Network`.
        client: name of the machine or process; partitions name it.
        user: in whose name it asks.
        actor: who writes, in the history; the client unless given.
    """

    def __init__(self, network: Network, client: str, user: User, actor: str = "") -> None:
        self._net = network
        self._client = client
        self._user = user
        self._actor = actor or client

    async def call(self, request: Request) -> Response:
        """Send `request` through the weather. Raises: Unavailable."""
        net, dice, weather = self._net, self._net.dice, self._net.weather
        await net.clock.sleep(dice.uniform(0, weather.latency))
        if self._client in weather.dead:
            await net.clock.sleep(_FOR_EVER)
        if self._client in weather.partitioned:
            await net.clock.sleep(TIMEOUT_SECONDS)
            raise Unavailable(f"{self._client} is partitioned")
        if dice.happens(weather.lost_requests):
            raise Unavailable("the request was lost")
        exchange, answer = await self._serve(request)
        if request.method != "GET" and dice.happens(weather.repeated):
            again = await self._serve(request)
            exchange, answer = again if dice.happens(0.5) else (exchange, answer)
        await net.clock.sleep(dice.uniform(0, weather.latency))
        if dice.happens(weather.lost_answers) or self._client in weather.partitioned:
            raise Unavailable("the answer was lost")
        for listener in net.arrivals:
            listener(exchange)
        return answer

    async def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        """Send a watch through the weather. Raises: Unavailable, ApiError."""
        net, weather = self._net, self._net.weather
        await net.clock.sleep(net.dice.uniform(0, weather.latency))
        server = net.server()
        if server is None or self._client in weather.partitioned:
            await net.clock.sleep(TIMEOUT_SECONDS)
            raise Unavailable("nobody answers")
        events = server.watch(replace(request, user=self._user))
        try:
            async for event in events:
                await self._arrival(request.path.rpartition("/")[2])
                yield event
        finally:
            await events.aclose()

    async def close(self) -> None:
        """There is nothing to release."""

    async def _arrival(self, plural: str) -> None:
        """Wait until an event gets through. Raises: Unavailable where the watch broke instead."""
        net, weather = self._net, self._net.weather
        while not weather.frozen.isdisjoint((self._client, f"{self._client}/{plural}")):
            await net.clock.sleep(_LOOK_SECONDS)
        if net.dice.happens(weather.cuts):
            raise Unavailable("the watch broke")
        if self._client in weather.partitioned:
            while self._client in weather.partitioned:
                await net.clock.sleep(_LOOK_SECONDS)
            raise Unavailable("the watch broke in a partition")

    async def _serve(self, request: Request) -> tuple[Exchange, Response]:
        server = self._net.server()
        if server is None:
            raise Unavailable("the API server is down")
        exchange = Exchange(self._actor, request)
        before = NOW.set(exchange)
        try:
            answer = await server.call(replace(request, user=self._user))
        finally:
            NOW.reset(before)
        exchange.code, exchange.answer = answer.code, answer.body
        for listener in self._net.listeners:
            listener(exchange)
        if exchange.changes and self._net.weather.burnt(self._client):
            await self._net.clock.sleep(_FOR_EVER)
        return exchange, answer
