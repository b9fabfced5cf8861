"""Text scenarios of Deployments and replica sets: commands and what they made happen, one file a story.

In: as `script`. Replica sets are shown by letters in order of appearance, pods by letter and number: `B2` is `app-B`'s second.

Commands: `deploy NAME key=value …` creates or changes a Deployment · `replicas NAME key=value …` a replica set of its own ·
`resize LETTER NUMBER` somebody scales a replica set by hand · `pod NAME key=value …` makes an orphan with these labels ·
`undo NAME LETTER` goes back to the template of a replica set · `run|ready|unready|fail POD …` a kubelet reports ·
`stopped POD …` · `auto [POD=never] …` · `delete pod|deploy|rs NAME …` · `quota NUMBER` · `wait SECONDS` · `why` · `status` ·
`conditions` · `sets` · `pods` · `events`.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial

from moorage.api import meta, owners
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.schema import Schemas
from moorage.api.scheme import DEPLOYMENTS, PODS, REPLICASETS
from moorage.controllers.deployment import controller as deployment
from moorage.controllers.deployment.annotations import REVISION
from moorage.controllers.replicaset import controller as replicaset
from tests.scripts.offline import fill
from tests.scripts.script import Script, put
from tests.scripts.world.engine import Engine
from tests.scripts.world.store import Change, Refused, Store

_NAMESPACE = "default"
_KINDS = {"pod": PODS, "deploy": DEPLOYMENTS, "rs": REPLICASETS}
_FIELDS: dict[str, tuple[str, ...]] = {
    "replicas": ("replicas",),
    "paused": ("paused",),
    "strategy": ("strategy", "type"),
    "surge": ("strategy", "rollingUpdate", "maxSurge"),
    "unavailable": ("strategy", "rollingUpdate", "maxUnavailable"),
    "minReady": ("minReadySeconds",),
    "deadline": ("progressDeadlineSeconds",),
    "limit": ("revisionHistoryLimit",),
}
_WORDS = {"true": True, "false": False}


class ReplicaScript(Script):
    """Plays one scenario. Args: schemas, for strategic merge patches."""

    def __init__(self, schemas: Schemas) -> None:
        super().__init__(schemas)
        self.store = Store(schemas, fill)
        self.store.gatekeepers.append(self._full)
        self.engine = Engine(self.store, (replicaset.build(), deployment.build()))
        self.store.watchers.append(self._see)
        self.names: dict[str, str] = {}
        self.made: Counter[str] = Counter()
        self.quota = 1000

    # --- commands ---

    def do_workload(self, resource: Resource, words: list[str]) -> None:
        """Create or change a Deployment or a replica set."""
        name, *fields = words
        key = ObjectKey(_NAMESPACE, name)
        old = self.store.find(resource, key)
        spec = _merged((old or _new(name))["spec"], dict(field.split("=", 1) for field in fields))
        if old is None:
            self.store.create(resource, {**_new(name), "spec": spec})
        else:
            self.store.update(resource, {**old, "spec": spec})

    def do_resize(self, words: list[str]) -> None:
        """Scale a replica set by hand."""
        self.store.patch(REPLICASETS, self._key(words[0]), {"spec": {"replicas": int(words[1])}})

    def do_undo(self, words: list[str]) -> None:
        """Go back to the template of a replica set, as kubectl does."""
        old = self.store.get(REPLICASETS, self._key(words[1]))["spec"]["template"]
        labels = {key: value for key, value in meta.labels(old).items() if key != "pod-template-hash"}
        owner = self.store.get(DEPLOYMENTS, ObjectKey(_NAMESPACE, words[0]))
        template = {**old, "metadata": {**old["metadata"], "labels": labels}}
        self.store.update(DEPLOYMENTS, {**owner, "spec": {**owner["spec"], "template": template}})

    def do_quota(self, words: list[str]) -> None:
        """Let there be at most so many pods."""
        self.quota = int(words[0])

    def do_delete(self, words: list[str]) -> None:
        """Delete objects."""
        for name in words[1:]:
            self.store.delete(_KINDS[words[0]], self._key(name))

    def do_stopped(self, words: list[str]) -> None:
        """A kubelet has stopped pods that were being deleted."""
        for name in words:
            self.store.delete(PODS, self._key(name), grace=0)
            self._settle()

    def _act(self, verb: str, names: list[str]) -> None:
        super()._act(verb, [self._key(name).name for name in names])

    def _due(self, never: set[str]) -> tuple[str, str] | None:
        """Return (pod, step) of the next pod that moves: stopping before starting, in order of their names here."""
        pods = sorted(self.store.all(PODS), key=lambda pod: self.names[meta.name(pod)])
        waiting = [pod for pod in pods if self.names[meta.name(pod)] not in never]
        for pod in waiting:
            if meta.is_deleting(pod):
                return self.names[meta.name(pod)], "stopped"
        for pod in waiting:
            if pod["status"]["phase"] == "Pending":
                return self.names[meta.name(pod)], "ready"
        return None

    def _key(self, shown: str) -> ObjectKey:
        real = next((name for name, one in self.names.items() if one in (shown, f"app-{shown}")), shown)
        return ObjectKey(_NAMESPACE, real)

    # --- reports ---

    def _verbs(self) -> dict[str, Callable[[list[str]], None]]:
        verbs = super()._verbs()
        return {
            **{
                name: verb
                for name, verb in verbs.items()
                if name not in ("set", "annotate", "budget", "claims", "revisions")
            },
            "deploy": partial(self.do_workload, DEPLOYMENTS),
            "replicas": partial(self.do_workload, REPLICASETS),
            "resize": self.do_resize,
            "undo": self.do_undo,
            "quota": self.do_quota,
            "conditions": self._conditions,
            "sets": self._sets,
        }

    def _workloads(self) -> list[Document]:
        return self.store.all(DEPLOYMENTS) or self.store.all(REPLICASETS)

    def _why(self, _words: list[str]) -> None:
        for (_, key), plan in self.engine.plans.items():
            there = any(self.store.find(resource, key) is not None for resource in (DEPLOYMENTS, REPLICASETS))
            for gate in plan.gates if there else ():
                culprit = f"{gate.culprit.kind} {gate.culprit.key.name}"
                text = f"{gate.name}: {gate.holds} waits for {culprit} ({gate.evidence}); opens: {gate.opens}"
                self.seen.append(self._short(text))

    def _status(self, _words: list[str]) -> None:
        for owner in self._workloads():
            numbers = {name: value for name, value in owner["status"].items() if name != "conditions"}
            self.seen.append(" ".join(f"{name}={value}" for name, value in sorted(numbers.items())))

    def _conditions(self, _words: list[str]) -> None:
        for owner in self._workloads():
            for one in owner["status"].get("conditions", ()):
                self.seen.append(self._short(f"{one['type']}={one['status']} {one['reason']}: {one['message']}"))

    def _sets(self, _words: list[str]) -> None:
        for one in self.store.all(REPLICASETS):
            revision = meta.annotations(one).get(REVISION, "-")
            self.seen.append(f"{self.names[meta.name(one)]} revision={revision} replicas={one['spec']['replicas']}")

    def _list(self, resource: Resource, _words: list[str]) -> None:
        for pod in sorted(self.store.all(resource), key=lambda one: self.names[meta.name(one)]):
            self.seen.append(f"{self.names[meta.name(pod)]} {pod['status']['phase']}")

    # --- seeing ---

    def _see(self, resource: Resource, change: Change, document: Document) -> None:
        if resource == DEPLOYMENTS and change != "DELETED":
            return
        name = self._named(resource, document)
        old = self.known.get(meta.uid(document))
        self.known[meta.uid(document)] = document
        size = document["spec"].get("replicas")
        if change == "DELETED":
            self.seen.append(f"gone {resource.kind} {name}")
        elif old is None:
            self.seen.append(f"created {resource.kind} {name}" + (f" of {size}" if resource == REPLICASETS else ""))
        elif meta.is_deleting(document) and not meta.is_deleting(old):
            self.seen.append(f"deleting {resource.kind} {name}")
        elif old["spec"].get("replicas") != size:
            self.seen.append(f"{name} from {old['spec']['replicas']} to {size}")
        elif owners.owner_references(old) != owners.owner_references(document):
            owner = owners.controller_of(document)
            self.seen.append(f"{name} now belongs to {self.names[owner['name']] if owner else 'nobody'}")

    def _named(self, resource: Resource, document: Document) -> str:
        real = meta.name(document)
        if real not in self.names:
            self.names[real] = self._new_name(resource, document)
        return self.names[real]

    def _new_name(self, resource: Resource, document: Document) -> str:
        real, owner = meta.name(document), owners.controller_of(document)
        if owner is None:
            return real
        self.made[owner["uid"]] += 1
        number = self.made[owner["uid"]]
        if resource == REPLICASETS:
            return f"{owner['name']}-{chr(64 + number)}"
        return f"{self.names[owner['name']].removeprefix('app-')}{number}"

    def _short(self, text: str) -> str:
        for real in sorted(self.names, key=len, reverse=True):
            text = text.replace(real, self.names[real])
        return text

    def _full(self, store: Store, resource: Resource, document: Document) -> None:
        new = resource == PODS and store.find(PODS, ObjectKey(_NAMESPACE, meta.name(document))) is None
        if new and len(store.all(PODS)) >= self.quota:
            raise Refused(403, "Forbidden", f"pods are limited to {self.quota}")


def _new(name: str) -> Document:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "app:1"}]}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": {"name": name, "namespace": _NAMESPACE}, "spec": spec}


def _merged(spec: Document, fields: dict[str, str]) -> Document:
    """Return a spec with fields set by their short names."""
    made = dict(spec)
    for key, value in fields.items():
        if key == "image":
            made["template"] = {**made["template"], "spec": {"containers": [{"name": "c", "image": value}]}}
        else:
            made = put(made, _FIELDS[key], _WORDS.get(value, int(value) if value.isdecimal() else value))
    if made.get("strategy", {}).get("type") == "Recreate":
        made["strategy"] = {"type": "Recreate"}
    return made
