"""The recorded scenarios played without a server: the trace player's own code against the world in memory.

In: `tests/fixtures/traces/run.py` (its rules of lockstep, its facts) and one scenario. Out: the points it reaches.
The player's HTTP, clock and sleep are replaced by the world's; what it does and compares is untouched.
"""

import asyncio
import copy
import importlib.util
import json
from collections import deque
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.api.schema import Schemas
from moorage.api.scheme import (
    CATALOGUE,
    DAEMONSETS,
    DEPLOYMENTS,
    NODES,
    PODS,
    REPLICASETS,
    RESOURCEQUOTAS,
    STATEFULSETS,
)
from moorage.apiserver import errors
from moorage.apiserver.kinds import daemonset, deployment, replicaset, statefulset
from moorage.apiserver.validation import meta as metadata
from moorage.reconcile.controller import Controller
from tests.scripts.world import defaults
from tests.scripts.world.collector import collect
from tests.scripts.world.engine import Engine
from tests.scripts.world.store import Change, Refused, Store

TRACES = Path(__file__).parents[1] / "fixtures" / "traces"
_STRATEGIES = {
    STATEFULSETS: statefulset.STRATEGY,
    REPLICASETS: replicaset.STRATEGY,
    DEPLOYMENTS: deployment.STRATEGY,
    DAEMONSETS: daemonset.STRATEGY,
}
_RESOURCES = {(one.group, one.plural): one for one in CATALOGUE}
_CONTENT = {"merge-patch": "merge", "strategic-merge-patch": "strategic", "json-patch": "json"}


def load_player(name: str) -> ModuleType:
    """Return a copy of the player's module that nobody else uses."""
    spec = importlib.util.spec_from_file_location(name, TRACES / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Offline:
    """The API as the player sees it, over a `Store` with controllers running.

    Args:
        schemas: for strategic merge patches.
        controllers: what runs.
        player: the player's module: its `Refused` is raised.
    """

    def __init__(self, schemas: Schemas, controllers: tuple[Controller[Any], ...], player: ModuleType) -> None:
        self.store = Store(schemas, fill)
        self.store.gatekeepers += [_quota, _valid]
        self.engine = Engine(self.store, controllers)
        self.player = player
        self.handlers: dict[Resource, Any] = {}
        self.unseen: deque[tuple[Resource, Change, Document]] = deque()
        self.store.watchers.append(lambda *change: self.unseen.append(change))

    def settle(self) -> None:
        """Let everybody act until nobody wants to."""
        for _ in range(100_000):
            if self.unseen:
                resource, change, document = self.unseen.popleft()
                if resource in self.handlers:
                    self.handlers[resource](change, document)
            elif not self.engine.step() and not collect(self.store):
                return
        raise AssertionError("never quiet")

    def pass_time(self, seconds: float) -> None:
        """Let time pass, timers ringing on the way."""
        end = self.store.now.timestamp() + seconds
        self.settle()
        while (timer := self.engine.next_timer()) is not None and timer.timestamp() <= end:
            self.store.now = max(timer, self.store.now)
            self.settle()
        self.store.now = self.store.now.fromtimestamp(end, self.store.now.tzinfo)
        self.settle()

    async def call(self, method: str, path: str, body: Any = None, ctype: str = "", raw: bool = False) -> Any:  # noqa: FBT001, FBT002  (the player's own signature)
        """Answer one request."""
        try:
            return self._answer(method, path.partition("?")[0], body or {}, ctype)
        except Refused as problem:
            raise self.player.Refused(problem.status, json.dumps({"reason": problem.reason})) from problem

    async def quietly(self, *args: Any, **options: Any) -> Any:
        """Answer one request, None where it is refused."""
        try:
            return await self.call(*args, **options)
        except self.player.Refused:
            return None

    def _answer(self, method: str, path: str, body: Any, ctype: str) -> Any:
        parts = path.strip("/").split("/")
        group = "" if parts[0] == "api" else parts[1]
        plural, *rest = parts[4:] if "namespaces" in parts and len(parts) > 4 else [""]
        if group:
            plural, *rest = parts[5:]
        if plural == "events":
            return {"items": list(self._events())}
        resource = _RESOURCES.get((group, plural))
        if resource is None or plural == "serviceaccounts":
            return {"items": [], "metadata": {"resourceVersion": "0"}}
        namespace = parts[parts.index("namespaces") + 1]
        key = ObjectKey(namespace, rest[0] if rest else "")
        return self._on(resource, method, key, rest[1] if len(rest) > 1 else "", (body, ctype))

    def _on(self, resource: Resource, method: str, key: ObjectKey, sub: str, content: tuple[Any, str]) -> Any:
        body, ctype = content
        if sub == "binding":
            return self._bind(key, body)
        if sub == "scale":
            return self.store.patch(resource, key, {"spec": {"replicas": body["spec"]["replicas"]}})
        if method == "POST":
            return self.store.create(resource, {**body, "metadata": {**body["metadata"], "namespace": key.namespace}})
        if method == "PATCH":
            kind = next(name for part, name in _CONTENT.items() if f"/{part}+" in ctype)
            return self.store.patch(resource, key, json.dumps(body).encode() if kind == "json" else body, kind, sub)
        if method == "DELETE":
            uid = (body.get("preconditions") or {}).get("uid", "")
            grace, propagation = body.get("gracePeriodSeconds"), body.get("propagationPolicy", "")
            return self.store.delete(resource, key, uid, grace, propagation)
        if key.name:
            return self.store.get(resource, key)
        return {"items": self.store.all(resource), "metadata": {"resourceVersion": str(self.store.revision)}}

    def _bind(self, key: ObjectKey, body: Document) -> Document:
        pod = self.store.get(PODS, key)
        return self.store.update(PODS, {**pod, "spec": {**pod["spec"], "nodeName": body["target"]["name"]}})

    def _events(self) -> Any:
        for (kind, reason, about, message), count in self.engine.events.items():
            yield {
                "type": kind,
                "reason": reason,
                "message": message,
                "count": count,
                "involvedObject": {"kind": about},
            }


def play(document: Document, schemas: Schemas, controllers: tuple[Controller[Any], ...]) -> tuple[int, int, str | None]:
    """Play one scenario; return (points reached, points, first difference)."""
    player = load_player("offline_player")
    api = Offline(schemas, controllers, player)
    player.time = _Clock(api)  # type: ignore[attr-defined]  # the player's module is ours alone
    player.now = lambda: meta.times.format_time(api.store.now)  # type: ignore[attr-defined]  # as above
    player.asyncio = SimpleNamespace(**{**vars(asyncio), "sleep": _sleeper(api)})  # type: ignore[attr-defined]
    nodes = SimpleNamespace(run="0", klass="fake", names=[f"trace-0-{number}" for number in range(3)])
    _add_nodes(api.store, nodes.names)
    case = type("Case", (WorldCase, player.Case), {})(api, nodes, document)
    got = asyncio.run(case.go())
    reached: tuple[int, int, str | None] = player.compare(document["trace"], got)
    return reached


def _add_nodes(store: Store, names: list[str]) -> None:
    """Make the nodes that the player makes on a real server."""
    for number, name in enumerate(names):
        own = {"name": name, "labels": {"trace-run": "0", "trace-node": str(number)}}
        taint = {"key": "trace", "value": "only", "effect": "NoSchedule"}
        store.create(NODES, {"metadata": own, "spec": {"taints": [taint]}})


class _Clock:
    """The player's `time` module."""

    def __init__(self, api: Offline) -> None:
        self.api = api

    def monotonic(self) -> float:
        return self.api.store.now.timestamp()


def _sleeper(api: Offline) -> Any:
    async def sleep(seconds: float) -> None:
        api.pass_time(seconds)

    return sleep


class WorldCase:
    """What replaces the waiting and watching of the player's `Case`; mixed in before it."""

    api: Offline
    failed: Exception | None
    watches: list[Any]
    waiting: Any

    async def watch(self, path: str, handler: Any, started: Any) -> None:
        """Have the world call `handler` for every change."""
        parts = path.strip("/").split("/")
        resource = _RESOURCES.get(("" if parts[0] == "api" else parts[1], parts[-1]))
        if resource is not None:
            self.api.handlers[resource] = handler
        started.set()

    def spawn(self, coro: Any) -> None:
        """Run what the player would run beside."""
        try:
            coro.send(None)
        except StopIteration:
            return
        raise AssertionError("the world never waits")

    async def quiet(self, seconds: float) -> None:
        """Let everybody act, then time pass; go from timer to timer while the player knows of something to come."""
        self.api.settle()
        for _ in range(100):
            timer = self.api.engine.next_timer()
            if self.failed or timer is None or not self.waiting():
                break
            self.api.pass_time(max(0.0, (timer - self.api.store.now).total_seconds()))
        self.api.pass_time(seconds)
        if self.failed:
            raise self.failed

    async def clean(self) -> None:
        """Leave nothing running."""
        for watch in self.watches:
            watch.cancel()


def _quota(store: Store, resource: Resource, document: Document) -> None:
    """Refuse a new pod beyond a ResourceQuota's `pods`."""
    new = resource == PODS and store.find(PODS, key_of(document)) is None
    for quota in store.all(RESOURCEQUOTAS) if new else ():
        used, limit = len(store.all(PODS)), int(quota["spec"]["hard"]["pods"])
        if used >= limit:
            what = f"exceeded quota: {meta.name(quota)}, requested: pods=1, used: pods={used}, limited: pods={limit}"
            raise Refused(403, "Forbidden", f'pods "{meta.name(document)}" is forbidden: {what}')


def _valid(store: Store, resource: Resource, document: Document) -> None:
    """Refuse what validation of workloads and of pods' labels refuses."""
    old = store.find(resource, key_of(document))
    problems = []
    if resource in _STRATEGIES and old is not None:
        problems = _STRATEGIES[resource].validate_update(document, old)
    elif resource == PODS and old is None:
        problems = metadata.labels("metadata.labels", meta.labels(document))
    if problems:
        problem = errors.invalid(resource, meta.name(document), problems)
        raise Refused(problem.code, "Invalid", str(problem))


def fill(resource: Resource, document: Document) -> None:
    """Fill in what the real server does: a template written with its defaults is no new template."""
    if resource in _STRATEGIES:
        document["spec"] = copy.deepcopy(document["spec"])
        _STRATEGIES[resource].default(document)
    else:
        defaults.fill(resource, document)
