"""A whole cluster in virtual time: the real API server, controllers, scheduler and provisioner; light kubelets; one seed.

In: `Options`. Out: `World`. Two ways to use it: `sim.run` throws faults at it and checks every write; `play` runs the real
controllers on a copy of given objects until nothing changes any more, and returns what they wrote:

    changes = play(Options(objects=documents), change)

where `change(api)` is a coroutine that does what one wants to foresee. Objects keep their uids and status; each Node among them
gets a kubelet, and pods whose status says Running do run there.
"""

import datetime
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import msgspec

from moorage.api import meta, scheme
from moorage.api.refs import Document, ObjectKey
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table
from moorage.apiserver.bootstrap import bootstrap
from moorage.apiserver.core import ApiServer
from moorage.apiserver.kinds import STRATEGIES
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.apiserver.stored import sort_path, store_key
from moorage.assembly.controlplane import default_class, ensure
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.sim import nodesettings
from moorage.sim.faults import Network, Weather, Wire
from moorage.sim.knowledge import Knowledge
from moorage.sim.kubelet import Kubelet, KubeletParts
from moorage.sim.loop import VirtualLoop, run
from moorage.sim.machine import Fleet, Process
from moorage.sim.manager import Carrier, Controllers, Manager, ManagerParts, unchanged
from moorage.sim.pace import USUAL, Pace
from moorage.sim.podreport import claims, restarts
from moorage.sim.recording import RecordingStore, StateChange
from moorage.sim.seeds import START, Dice, SeededIds, SimClock
from moorage.sim.volumes import SimBackend

USER = User("user", ("system:masters", "system:authenticated"))
NOISE = frozenset({"leases", "events", "nodes"})
"""What is written also when nothing happens."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a world is made of.

    Args:
        seed: decides everything that is left to chance.
        nodes: names of nodes to make, besides those among `objects`.
        managers: how many controller managers are active at once.
        objects: documents with kind and metadata that exist from the start, as they are.
        controllers: changes the controllers (mutations); nothing unless given.
        carrier: changes the managers' transport (mutations); nothing unless given.
        start: what time it is at the beginning.
        pace: how fast nodes are.
        down: nodes whose agent does not run.
    """

    seed: int = 0
    nodes: tuple[str, ...] = ()
    managers: int = 1
    objects: Sequence[Document] = ()
    controllers: Controllers = unchanged
    carrier: Carrier = unchanged
    start: datetime.datetime = START
    pace: Pace = USUAL
    down: frozenset[str] = frozenset()


class World:
    """One cluster. Construct and use it within its own loop (`play`, `in_virtual_time`).

    Args:
        options: see `Options`.
        loop: the loop it runs on.
    """

    def __init__(self, options: Options, loop: VirtualLoop) -> None:
        self.options = options
        self.clock = SimClock(loop, options.start)
        self.weather = Weather()
        self.loop = loop
        self.store = RecordingStore(loop.time, self._commit)
        self.changes: list[StateChange] = []
        self.store.listeners.append(self.changes.append)
        self.server: ApiServer | None = None
        self.network = Network(lambda: self.server, self.clock, self.weather, self.dice("network"))
        copies = [one for one in options.objects if one["kind"] == "Node"]
        self._copied = {meta.name(one): nodesettings.copied(one, index) for index, one in enumerate(copies)}
        self.nodes = (*options.nodes, *self._copied)
        self.fleet = Fleet(self.nodes)
        self.backend = SimBackend(self.nodes)
        self.kubelets: dict[str, Kubelet] = {}
        names = [f"manager-{number}" for number in range(options.managers)]
        self.clocks = {name: SimClock(loop, options.start) for name in (*self.nodes, *names)}
        self.knowledge = Knowledge()
        self.store.listeners.append(self.knowledge.note)
        self.network.arrivals.append(self.knowledge.arrived)
        self.managers = [self._manager(name) for name in names]
        self.deaths: list[str] = []
        self.lost: set[str] = set()
        self.deleted: set[str] = set()
        self.expected: dict[str, str] | None = None
        self.begun = 0.0
        self._ids = SeededIds(self.dice("ids"))

    def dice(self, purpose: str) -> Dice:
        """Return a stream of chance of its own."""
        return Dice(self.options.seed, purpose)

    def api(self, actor: str = "user") -> Api:
        """Return a client with every right that no fault touches."""
        calm = replace(self.network, weather=Weather(latency=0.0), dice=self.dice(actor))
        return Api(Wire(calm, actor, USER), actor)

    async def start(self) -> None:
        """Start everything."""
        for document in self.options.objects:
            await self._preload(document)
        await self.start_server()
        if not self.options.objects:
            await ensure(self.api("setup"), default_class())
        for manager in self.managers:
            await manager.start()
        self.lost |= self.options.down
        for node in self.nodes:
            self.revive(node)

    async def stop(self) -> None:
        """End everything."""
        for kubelet in self.kubelets.values():
            await kubelet.stop()
        for manager in self.managers:
            await manager.kill()
        await self.stop_server()

    async def start_server(self) -> None:
        """Start an API server over the store."""
        ambient = Ambient(self.clock, self._ids, self.dice(f"server {self.store.revision}"))
        server = ApiServer(self.store, schemas(), STRATEGIES, ambient, ServerSettings(plans=self._plans))
        await server.start()
        await bootstrap(server.services)
        self.server = server

    async def stop_server(self) -> None:
        """Crash the API server: what was not committed is lost, what was is not."""
        server, self.server = self.server, None
        if server is not None:
            await server.stop()

    def start_kubelet(self, node: str) -> None:
        """Start a node's agent (and its machine, if that was off)."""
        self.fleet.machines[node].powered = True
        user = User(f"system:node:{node}", ("system:nodes", "system:authenticated"))
        api = Api(Wire(self.network, node, user), f"moorage-agent-{node}")
        parts = KubeletParts(
            api,
            self.fleet,
            self.clocks[node],
            self.dice(f"{node} {self.clock.monotonic()}"),
            self.died,
            self.options.pace,
        )
        settings = self._copied.get(node) or nodesettings.made_up(node, self.nodes.index(node))
        kubelet = self.kubelets[node] = Kubelet(settings, parts)
        kubelet.start()

    async def stop_kubelet(self, node: str) -> None:
        """Kill a node's agent; its pods go on."""
        kubelet = self.kubelets.pop(node, None)
        if kubelet is not None:
            await kubelet.stop()

    def revive(self, node: str) -> None:
        """Turn a machine and its agent on, unless they run or are lost for good."""
        if node not in self.kubelets and node not in self.lost:
            self.start_kubelet(node)

    async def heal(self) -> None:
        """End every fault: everybody runs, everything arrives, all clocks are right."""
        self.weather.heal()
        if self.server is None:
            await self.start_server()
        for manager in self.managers:
            if manager.name in self.weather.dead:
                await manager.kill()
            if not manager.alive:
                self.weather.dead.discard(manager.name)
                await manager.start()
        for node in self.nodes:
            self.revive(node)
        for clock in self.clocks.values():
            clock.off = 0.0

    async def settle(self, quiet: float = 30.0, limit: float = 1800.0) -> bool:
        """Let time pass until nothing but noise was written for `quiet` seconds; False if `limit` seconds were not enough."""
        begun = self.clock.monotonic()
        while self.clock.monotonic() < begun + limit:
            await self.clock.sleep(1.0)
            if self.clock.monotonic() - max(begun, self.last_change()) >= quiet:
                return True
        return False

    def last_change(self) -> float:
        """Return the instant of the last write that was more than noise."""
        for change in reversed(self.changes):
            if change.resource not in NOISE:
                return change.instant
        return 0.0

    def present(self, plural: str) -> list[Document]:
        """Return every object of a resource as the store has it."""
        part = f"/{plural}/"
        return [document for key, document in self.store.documents.items() if part in key]

    def volume_node(self, claim: Document) -> str:
        """Return the node that holds a claim's data, "" where no single one does."""
        name = (claim.get("spec") or {}).get("volumeName")
        found = [one for one in self.present("persistentvolumes") if meta.name(one) == name]
        if not found:
            return ""
        terms = found[0]["spec"].get("nodeAffinity", {}).get("required", {}).get("nodeSelectorTerms", [])
        values = [value for term in terms for one in term["matchExpressions"] for value in one["values"]]
        return str(values[0]) if len(values) == 1 else ""

    def _manager(self, name: str) -> Manager:
        options = self.options
        parts = ManagerParts(
            self.network,
            self.clocks[name],
            self.dice(name),
            self.backend,
            lambda own: self.knowledge.observed(name, options.controllers(own)),
            options.carrier,
        )
        return Manager(name, parts, self.died)

    def _plans(self, kind: str, key: ObjectKey) -> Sequence[Document]:
        """Return what the first manager that knows an object remembers of it."""
        stories = (manager.ledger.story(kind, key) for manager in self.managers if manager.ledger)
        return next((story for story in stories if story), [])

    async def _commit(self) -> None:
        if self.weather.disk:
            await self.clock.sleep(self.network.dice.uniform(0, self.weather.disk))

    def died(self, name: str, problem: BaseException) -> None:
        """Note that a task died."""
        self.deaths.append(f"{name}: {problem!r}")

    async def _preload(self, document: Document) -> None:
        """Put a document into the store as it is; a pod that runs gets its process."""
        resource = next(one for one in scheme.CATALOGUE if one.kind == document["kind"])
        key = ObjectKey(meta.namespace(document), meta.name(document))
        metadata = {name: value for name, value in document["metadata"].items() if name != "resourceVersion"}
        stored = {"apiVersion": resource.api_version, **document, "metadata": metadata}
        await self.store.create(store_key(resource, sort_path(key)), msgspec.json.encode(stored))
        if resource is scheme.PERSISTENTVOLUMES:
            self.backend.data.add(key.name)
        node = (document.get("spec") or {}).get("nodeName")
        if resource is scheme.PODS and node in self.fleet.machines and _runs(document):
            volumes = tuple(sorted(filter(None, map(self._volume_of(key.namespace), claims(document)))))
            self.fleet.machines[node].restarts[meta.uid(document)] = restarts(document)
            self.fleet.start(Process(node, str(key), meta.uid(document), volumes))

    def _volume_of(self, namespace: str) -> Callable[[str], str]:
        bound = {
            meta.name(one): str((one.get("spec") or {}).get("volumeName") or "")
            for one in self.options.objects
            if one["kind"] == "PersistentVolumeClaim" and meta.namespace(one) == namespace
        }
        return lambda claim: bound.get(claim, "")


def in_virtual_time(options: Options, work: Callable[[World], Awaitable[None]]) -> World:
    """Run `work` in a started world of its own; return the world, stopped, with its history. Raises: what `work` raises."""
    loop = VirtualLoop(Dice(options.seed, "order").shuffle)

    async def whole() -> World:
        world = World(options, loop)
        await world.start()
        try:
            await work(world)
        finally:
            await world.stop()
        return world

    return run(whole(), loop)


def play(options: Options, change: Callable[[Api], Awaitable[None]], limit: float = 3600.0) -> list[StateChange]:
    """Return all that follows from a change of a copied cluster, in order of the writes, until it is quiet.

    Args:
        options: with `objects`, the copy.
        change: does what one wants to foresee, through the given `Api`.
        limit: virtual seconds after which it is cut off.
    """
    first = 0

    async def work(world: World) -> None:
        nonlocal first
        await world.settle()
        first = len(world.changes)
        await change(world.api())
        await world.settle(limit=limit)

    return in_virtual_time(options, work).changes[first:]


@lru_cache(maxsize=1)
def schemas() -> Schemas:
    """Return the type tables, read once a process."""
    return Schemas(load_definitions(), load_wire_table())


def _runs(pod: Document) -> bool:
    return (pod.get("status") or {}).get("phase") == "Running"
