"""A Deployment in a world where controllers and kubelets move in any order.

In: moves. Out: what there is after each: pods by template, sizes of replica sets.
"""

from collections.abc import Callable
from typing import Any

from moorage.api import meta, owners
from moorage.api.refs import Document, ObjectKey
from moorage.api.schema import Schemas
from moorage.api.scheme import DEPLOYMENTS, PODS, REPLICASETS
from moorage.api.times import format_time
from moorage.controllers.deployment import controller as deployment
from moorage.controllers.replicaset import controller as replicaset
from tests.scripts.offline import fill
from tests.scripts.world.collector import collect
from tests.scripts.world.engine import Engine
from tests.scripts.world.store import Store

KEY = ObjectKey("default", "app")
LABELS = {"app": "app"}


class Fleet:
    """One Deployment `app`.

    Args:
        schemas: for strategic merge patches.
        spec: its spec, beyond selector and template.
        watch: called after every step of a controller.
    """

    def __init__(self, schemas: Schemas, spec: Document, watch: Callable[["Fleet"], None]) -> None:
        self.store = Store(schemas, fill)
        self.engine = Engine(self.store, (replicaset.build(), deployment.build()))
        self.watch = watch
        filled = {"selector": {"matchLabels": LABELS}, "template": template("app:0"), **spec}
        self.store.create(DEPLOYMENTS, {"metadata": {"name": "app", "namespace": "default"}, "spec": filled})

    # --- what there is ---

    @property
    def owner(self) -> Document:
        """The Deployment."""
        return self.store.get(DEPLOYMENTS, KEY)

    @property
    def pods(self) -> list[Document]:
        """Every pod, in order of creation."""
        return self.store.all(PODS)

    @property
    def sets(self) -> list[Document]:
        """Every replica set."""
        return self.store.all(REPLICASETS)

    @property
    def ready(self) -> int:
        """How many pods are ready and stay."""
        return sum(is_ready(pod) and not meta.is_deleting(pod) for pod in self.pods)

    @property
    def wanted(self) -> int:
        """How many pods the replica sets shall have together."""
        return sum(int(one["spec"]["replicas"]) for one in self.sets)

    # --- moves ---

    def step(self, choice: int) -> bool:
        """Let one controller decide on one of the keys that wait; return whether there was one."""
        waiting = list(self.engine.queue)
        if waiting:
            chosen = waiting[choice % len(waiting)]
            self.engine.queue = {chosen: None, **self.engine.queue}
        moved = self.engine.step() or collect(self.store)
        self.watch(self)
        return moved

    def settle(self) -> None:
        """Let everybody act until nobody wants to."""
        while self.step(0):
            pass

    def change(self, **spec: Any) -> None:
        """Change the Deployment."""
        owner = self.owner
        self.store.update(DEPLOYMENTS, {**owner, "spec": {**owner["spec"], **spec}})

    def kubelet(self, choice: int, verb: str) -> None:
        """Let one pod be ready, unready or failed; one that is being deleted goes instead."""
        if not self.pods:
            return
        pod = self.pods[choice % len(self.pods)]
        if meta.is_deleting(pod):
            self.store.delete(PODS, ObjectKey("default", meta.name(pod)), grace=0)
            return
        if not pod["spec"].get("nodeName"):
            pod = self.store.update(PODS, {**pod, "spec": {**pod["spec"], "nodeName": f"node-{choice % 2}"}})
        condition = {"type": "Ready", "status": "True" if verb == "ready" else "False"}
        condition["lastTransitionTime"] = format_time(self.store.now)
        phase = "Failed" if verb == "fail" else "Running"
        self.store.update(PODS, {**pod, "status": {"phase": phase, "conditions": [condition]}}, "status")

    def finish(self) -> None:
        """Let all pods stop and get ready until nothing moves."""
        for _ in range(200):
            self.settle()
            due = [at for at, pod in enumerate(self.pods) if meta.is_deleting(pod) or not is_ready(pod)]
            if not due:
                return
            self.kubelet(due[0], "ready")
        raise AssertionError("never done")


def template(image: str) -> Document:
    """Return a pod template."""
    return {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": image}]}}


def is_ready(pod: Document) -> bool:
    """Return whether a pod is ready or will never be again."""
    status = pod["status"]
    finished = status["phase"] in ("Failed", "Succeeded")
    return finished or any(one["status"] == "True" for one in status.get("conditions") or ())


def images(fleet: Fleet) -> set[str]:
    """Return the images of the pods that may still run."""
    alive = [pod for pod in fleet.pods if pod["status"]["phase"] not in ("Failed", "Succeeded")]
    return {pod["spec"]["containers"][0]["image"] for pod in alive}


def owned(fleet: Fleet) -> bool:
    """Return whether every pod has an owner that is there."""
    uids = {meta.uid(one) for one in fleet.sets}
    return all((owners.controller_of(pod) or {}).get("uid") in uids for pod in fleet.pods)
