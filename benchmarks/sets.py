"""What one pod of a large set costs: scaling up, rolling and scaling down, whole path, over TLS.

In: nothing. Out: medians of wall time a pod, and of the control plane's CPU time. `moor up --runtime none` is a process of its
own; this one makes each pod Ready over HTTPS as soon as it sees it. As where Kubernetes' own figures and traces were taken, pods
name another scheduler and there are no kubelets: a deleted pod is gone at once. What the scheduler adds is a figure of its
own: without nodes it refuses each pod (an event and a condition, as many writes as a binding costs).
Run: `python -m benchmarks.sets [PODS] [ROUNDS]`, or without arguments for everything docs/benchmarks.md promises.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machine import machine
from moorage.api import meta, scheme
from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.base.system import SystemClock
from moorage.client import kubeconfig
from moorage.client.api import Api
from moorage.client.requests import ListOptions, PatchBody
from moorage.client.transports.http import HttpTransport
from moorage.controllers.statefulset import snapshot
from moorage.controllers.statefulset.decide import decide
from moorage.informer.objects import ObjectCache

SMALL, LARGE = 300, 1000
DECISIONS = 101
ROUNDS = 3
MOOR = [sys.executable, "-m", "moorage"]
OrderedReady, Parallel = "OrderedReady", "Parallel"
NAME = ObjectKey("default", "bench")
CONNECTIONS = 16
"""Of the client: a pool, as client libraries have one."""
OURS, NOBODY = "default-scheduler", "bench"
READY = {
    "phase": "Running",
    "conditions": [{"type": kind, "status": "True"} for kind in ("Initialized", "Ready", "ContainersReady")],
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time and of the control plane's CPU time that one phase took."""

    wall: float
    cpu: float


def manifest(management: str, scheduler: str) -> Document:
    """Return a set without pods."""
    container = {"name": "main", "image": "registry.invalid/tools:1", "command": ["sleep", "1000"]}
    template = {
        "metadata": {"labels": {"app": NAME.name}},
        "spec": {"containers": [container], "schedulerName": scheduler},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"namespace": NAME.namespace, "name": NAME.name},
        "spec": {
            "replicas": 0, "serviceName": NAME.name, "podManagementPolicy": management, "template": template,
            "selector": {"matchLabels": {"app": NAME.name}},
        },
    }  # fmt: skip


def service() -> Document:
    """Return the headless Service of the set."""
    metadata = {"namespace": NAME.namespace, "name": NAME.name}
    spec = {"clusterIP": "None", "selector": {"app": NAME.name}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


@dataclass
class Stage:
    """A running control plane seen by its client; `pod` and `seen` follow the watches."""

    api: Api
    pid: int
    work: set[asyncio.Task[None]] = field(default_factory=set)
    connections: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    failure: BaseException | None = None
    state: Document = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    addresses: dict[ObjectKey, str] = field(default_factory=dict)

    async def follow(self, resource: Resource, told: Callable[[str, Document], None]) -> None:
        """Call `told` for every event of a resource from now on."""
        revision = (await self.api.list(resource, NAME.namespace))["metadata"]["resourceVersion"]
        async for event in self.api.watch(resource, NAME.namespace, ListOptions(revision=revision)):
            told(event.type, event.object)

    def pod(self, kind: str, pod: Document) -> None:
        """Give a new pod an address and make it Ready."""
        if kind == "ADDED":
            address = f"10.42.{len(self.addresses) // 250}.{len(self.addresses) % 250 + 1}"
            status = {**READY, "podIP": self.addresses.setdefault(key_of(pod), address)}
            status["podIPs"] = [{"ip": status["podIP"]}]
            patch = PatchBody({"metadata": {"uid": meta.uid(pod)}, "status": status}, "strategic", "status")
            work = asyncio.ensure_future(self.send(key_of(pod), patch))
            self.work.add(work)
            work.add_done_callback(self.sent)

    async def send(self, pod: ObjectKey, patch: PatchBody) -> None:
        """Patch a pod over one of the client's connections."""
        async with self.connections:
            await self.api.patch(scheme.PODS, pod, patch)

    def sent(self, work: "asyncio.Task[None]") -> None:
        """Take note of a patch that failed: the set would never be done."""
        self.work.discard(work)
        self.failure = self.failure or (None if work.cancelled() else work.exception())
        self.news.set()

    def seen(self, _kind: str, document: Document) -> None:
        """Note the newest state of the set."""
        self.state = document
        self.news.set()

    async def until(self, done: Callable[[Document], bool]) -> None:
        """Wait until the set's status says so."""
        while not (self.state.get("status") and done(self.state["status"])):
            if self.failure is not None:
                raise self.failure
            self.news.clear()
            await self.news.wait()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has used: fields 14 and 15 of proc(5) `stat`."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def control_plane(folder: Path) -> Iterator[int]:
    """Run `moor up --runtime none` as its own process; return its pid once the API answers."""
    words = [*MOOR, "up", "--runtime", "none", "--port", "0", "--data-dir", str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline(), "the control plane did not start"
        yield process.pid
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def stage(folder: Path, pid: int) -> AsyncIterator[Stage]:
    """Connect, and play scheduler and kubelets until the end."""
    access = kubeconfig.load([folder / "kubeconfig"])
    one = Stage(Api(HttpTransport(access.server, access.tls()), "bench"), pid)
    watches = [
        asyncio.ensure_future(one.follow(*pair)) for pair in ((scheme.PODS, one.pod), (scheme.STATEFULSETS, one.seen))
    ]
    try:
        yield one
    finally:
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        await one.api.close()


async def timed(one: Stage, patch: Document, done: Callable[[Document], bool]) -> Cost:
    """Change the set, and wait until its status is as wanted."""
    wall, cpu = time.monotonic(), cpu_seconds(one.pid)
    generation = (await one.api.patch(scheme.STATEFULSETS, NAME, PatchBody(patch)))["metadata"]["generation"]
    await one.until(lambda status: status.get("observedGeneration", 0) >= generation and done(status))
    return Cost(time.monotonic() - wall, cpu_seconds(one.pid) - cpu)


async def life(one: Stage, management: str, pods: int, scheduler: str) -> dict[str, Cost]:
    """Create a set, scale it up, roll it (an ordered one), scale it down, delete it."""
    await one.api.create(scheme.STATEFULSETS, manifest(management, scheduler))
    costs = {
        "up": await timed(one, {"spec": {"replicas": pods}}, lambda status: status.get("readyReplicas", 0) == pods)
    }
    if management == OrderedReady:
        costs["decide"] = await decision(one)
        annotation = {"metadata": {"annotations": {"bench/round": "1"}}}
        costs["roll"] = await timed(one, {"spec": {"template": annotation}}, lambda status: _rolled(status, pods))
    costs["down"] = await timed(one, {"spec": {"replicas": 0}}, lambda status: status["replicas"] == 0)
    await one.api.delete(scheme.STATEFULSETS, NAME)
    one.state = {}
    return costs


def _rolled(status: Document, pods: int) -> bool:
    finished: bool = status["currentRevision"] == status["updateRevision"]
    return finished and status.get("updatedReplicas", 0) == status.get("readyReplicas", 0) == pods


class Caches:
    """What the API lists, as the controller's caches hold it."""

    def __init__(self) -> None:
        self.caches: dict[Resource, ObjectCache] = {}

    def of(self, resource: Resource) -> ObjectCache:
        """Return the cache of a resource."""
        if resource not in self.caches:
            self.caches[resource] = ObjectCache(resource, [one for one in snapshot.INDEXES if one.resource == resource])
        return self.caches[resource]

    async def fill(self, api: Api, resource: Resource) -> None:
        """Take over one collection."""
        listed = await api.list(resource, NAME.namespace)
        typed = {"apiVersion": resource.api_version, "kind": resource.kind}
        self.of(resource).replace(({**item, **typed} for item in listed["items"]), 1)


async def decision(one: Stage) -> Cost:
    """Time a snapshot and a decision of the settled set in this process; both must want nothing."""
    caches, clock = Caches(), SystemClock()
    for resource in (scheme.STATEFULSETS, scheme.PODS, scheme.CONTROLLERREVISIONS):
        await caches.fill(one.api, resource)
    walls, cpus = [], []
    for _ in range(DECISIONS):
        wall, cpu = time.perf_counter(), time.process_time()
        found = snapshot.take(NAME, caches)
        assert found is not None
        plan = decide(found, clock.now())
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        assert not plan.steps
        assert plan.status is None
    return Cost(statistics.median(walls), statistics.median(cpus))


async def measure(management: str, pods: int, rounds: int, scheduler: str = NOBODY) -> dict[str, Cost]:
    """Return the medians over rounds; each has a fresh control plane."""
    found: list[dict[str, Cost]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="moorage-bench-") as name, control_plane(Path(name)) as pid:
            async with stage(Path(name), pid) as one:
                await one.api.create(scheme.SERVICES, service())
                found.append(await life(one, management, pods, scheduler))
    return {
        phase: Cost(*(statistics.median(getattr(costs[phase], part) for costs in found) for part in ("wall", "cpu")))
        for phase in found[0]
    }


def tell(pods: int, costs: dict[str, Cost]) -> None:
    """Print an ordered set's figures, each a pod."""
    for phase in ("up", "roll", "down"):
        wall, cpu = costs[phase].wall / pods * 1000, costs[phase].cpu / pods * 1000
        print(f"OrderedReady, {pods:4} pods, {phase:4}  {wall:6.2f} ms a pod, CPU {cpu:6.2f} ms", flush=True)
    print(
        f"OrderedReady, {pods:4} pods, one decision of the settled set: {costs['decide'].wall * 1000:.2f} ms",
        flush=True,
    )


async def everything(rounds: int) -> None:
    """Measure what docs/benchmarks.md promises."""
    small = await measure(OrderedReady, SMALL, rounds)
    tell(SMALL, small)
    refused = await measure(OrderedReady, SMALL, rounds, OURS)
    for phase in ("up", "roll"):
        wall, cpu = (
            (getattr(refused[phase], part) - getattr(small[phase], part)) / SMALL * 1000 for part in ("wall", "cpu")
        )
        print(f"what the scheduler adds to a pod, {phase:4}  {wall:.2f} ms, CPU {cpu:.2f} ms", flush=True)
    large = await measure(OrderedReady, LARGE, rounds)
    tell(LARGE, large)
    for phase in ("up", "roll", "down"):
        wall, cpu = (
            getattr(large[phase], part) / LARGE / (getattr(small[phase], part) / SMALL) for part in ("wall", "cpu")
        )
        print(f"a pod of {LARGE} against one of {SMALL}, {phase:4}  {wall:.2f} x, CPU {cpu:.2f} x")
    costs = await measure(Parallel, LARGE, rounds)
    for phase, cost in costs.items():
        print(f"Parallel, {LARGE} pods, {phase:4}  {cost.wall:.2f} s, CPU {cost.cpu:.2f} s")


def main(words: list[str] | None = None) -> None:
    """Print one line a figure."""
    print(machine(), flush=True)
    numbers = [int(word) for word in words or ()]
    rounds = numbers[1] if len(numbers) > 1 else ROUNDS
    if numbers:
        tell(numbers[0], asyncio.run(measure(OrderedReady, numbers[0], rounds)))
    else:
        asyncio.run(everything(rounds))


if __name__ == "__main__":
    main(sys.argv[1:])
