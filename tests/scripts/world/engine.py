"""The engine, made simple: keys, snapshot, decide, apply, all in one call and in the caller's time.

In: controllers and a store. Out: writes, events, the plans made. Caches follow every write at once.
"""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.base.errors import ApiError, MoorageError
from moorage.informer.cache import Cached
from moorage.informer.objects import ObjectCache
from moorage.reconcile.actions import Action, Batch, Confirm, Create, Delete, Emit, Patch, Step, Update
from moorage.reconcile.controller import Controller
from moorage.reconcile.plan import Plan
from tests.scripts.world.store import Change, Refused, Store

_Item = tuple[int, ObjectKey]


@dataclass
class Engine:
    """Runs controllers over a store.

    Args:
        store: what it writes to.
        controllers: what it runs.
        events: (type, reason, kind, message) → count.
        plans: the last plan of each key of each controller.
        timers: when a key is due again without any change.
        error: the first failure of the plan under way.
    """

    store: Store
    controllers: tuple[Controller[Any], ...]
    events: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    plans: dict[tuple[str, ObjectKey], Plan] = field(default_factory=dict)
    timers: dict[_Item, datetime.datetime] = field(default_factory=dict)
    failures: Counter[_Item] = field(default_factory=Counter)
    queue: dict[_Item, None] = field(default_factory=dict)
    caches: dict[Resource, ObjectCache] = field(default_factory=dict)
    syncs: int = 0
    error: MoorageError | None = None

    def __post_init__(self) -> None:
        self.store.watchers.append(self._seen)

    def of(self, resource: Resource) -> ObjectCache:
        """Return the cache of a resource (`Caches`)."""
        if resource not in self.caches:
            indexes = [index for one in self.controllers for index in one.indexes if index.resource == resource]
            self.caches[resource] = ObjectCache(resource, indexes)
        return self.caches[resource]

    def step(self) -> bool:
        """Run the key that waits longest; return whether there was one."""
        due = [item for item, at in self.timers.items() if at <= self.store.now]
        for item in due:
            del self.timers[item]
            self.queue[item] = None
        if not self.queue:
            return False
        item = next(iter(self.queue))
        del self.queue[item]
        self._sync(item)
        return True

    def next_timer(self) -> datetime.datetime | None:
        """Return when the next key is due, None if none is."""
        return min(self.timers.values(), default=None)

    def _seen(self, resource: Resource, change: Change, document: Document) -> None:
        made = self.of(resource).apply(document, self.store.revision, deleted=change == "DELETED")
        if made is None:
            return
        for number, controller in enumerate(self.controllers):
            for trigger in (one for one in controller.triggers if one.resource == resource):
                for key in trigger.keys(made.before, made.after, self):
                    self.queue[number, key] = None

    def _sync(self, item: _Item) -> None:
        number, key = item
        controller = self.controllers[number]
        snapshot = controller.take(key, self)
        self.syncs += 1
        if snapshot is None:
            return
        plan = controller.decide(snapshot, self.store.now)
        self.plans[controller.name, key] = plan
        if self._apply(plan):
            self.failures.pop(item, None)
            if plan.wake_after is not None:
                self.timers[item] = self.store.now + datetime.timedelta(seconds=plan.wake_after)
        else:
            self.failures[item] += 1
            delay = min(0.005 * 2.0 ** self.failures[item], 30.0)
            self.timers[item] = self.store.now + datetime.timedelta(seconds=delay)

    def _apply(self, plan: Plan) -> bool:
        self.error = None
        good, status = self._run(plan.steps), plan.status
        if self.error is not None and plan.status_if_failed is not None:
            status = plan.status_if_failed(self.error)
        if status is not None:
            good = self._run((status,)) and good
        return self._run(plan.cleanup) and good

    def _run(self, steps: tuple[Step, ...]) -> bool:
        for step in steps:
            sequences = step.sequences if isinstance(step, Batch) else ((step,),)
            # a slow start of 1, 2, 4 … sequences; a failure stops later rounds only
            size, start, good = 1, 0, True
            while start < len(sequences) and good:
                round_of = [self._sequence(one) for one in sequences[start : start + size]]
                good = all(round_of)
                start, size = start + size, size * 2
            if not good:
                return False
        return True

    def _sequence(self, actions: tuple[Action, ...]) -> bool:
        for action in actions:
            if isinstance(action, Emit):
                self._emit(action, "", "")
                continue
            try:
                name = self._perform(action)
            except Refused as problem:
                self.error = self.error or ApiError({"reason": problem.reason, "message": problem.message})
                taken = isinstance(action, Create) and problem.reason == "AlreadyExists"
                if isinstance(action, Confirm) or taken or action.on_failure is None:
                    return False
                self._emit_all(action.on_failure, "{error}", problem.message)
                return False
            if not isinstance(action, Confirm) and action.on_success is not None:
                self._emit_all(action.on_success, "{name}", name)
        return True

    def _perform(self, action: Create | Update | Patch | Delete | Confirm) -> str:
        """Carry out one write; return the name of what it created."""
        if isinstance(action, Create):
            return meta.name(self.store.create(action.resource, action.document))
        if isinstance(action, Update):
            self.store.update(action.resource, action.document, action.subresource)
        elif isinstance(action, Patch):
            self._patch(action)
        elif isinstance(action, Delete):
            self._delete(action)
        else:
            live = self.store.get(action.resource, action.key)
            if meta.uid(live) != action.uid or meta.is_deleting(live):
                raise Refused(409, "Conflict", "gone or being deleted")
        return ""

    def _patch(self, action: Patch) -> None:
        guard = {"uid": action.uid}
        if action.resource_version:
            guard["resourceVersion"] = action.resource_version
        body = {**action.body, "metadata": {**meta.metadata(action.body), **guard}}
        try:
            self.store.patch(action.resource, action.key, body, action.kind, action.subresource)
        except Refused as problem:
            if problem.status != 404 or not action.missing_ok:
                raise

    def _delete(self, action: Delete) -> None:
        live = self.store.find(action.resource, action.key)
        if live is not None and meta.uid(live) == action.uid:
            if action.resource_version and action.resource_version != meta.resource_version(live):
                raise Refused(409, "Conflict", "the object has been modified")
            self.store.delete(action.resource, action.key, action.uid, action.grace_seconds, action.propagation)

    def _emit_all(self, emits: Emit | tuple[Emit, ...], mark: str, value: str) -> None:
        for emit in (emits,) if isinstance(emits, Emit) else emits:
            self._emit(emit, mark, value)

    def _emit(self, emit: Emit, mark: str, value: str) -> None:
        message = emit.message.replace(mark, value) if mark else emit.message
        self.events[emit.type, emit.reason, emit.about["kind"], message] += 1


def cached(resource: Resource, document: Document) -> Cached[Any]:
    """Return one document as a cache would hold it."""
    cache = ObjectCache(resource)
    cache.apply(document, 1, deleted=False)
    found = cache.get(key_of(document))
    assert found is not None
    return found
