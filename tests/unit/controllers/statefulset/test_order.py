"""The update order where it needs more than pods: zones come from the nodes, and the laws notice a wrong turn."""

import datetime

from moorage.api.refs import Document
from moorage.api.scheme import CONTROLLERREVISIONS, NODES, PODS, STATEFULSETS
from moorage.controllers.statefulset import laws, options, pods
from moorage.controllers.statefulset.decide import decide
from moorage.controllers.statefulset.snapshot import ZONE_LABEL, Snapshot, take
from moorage.reconcile.actions import Delete
from moorage.reconcile.plan import Plan
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
ZONES = {"node-a": "west", "node-b": "east"}


def _snapshot(annotations: dict[str, str], nodes: tuple[str, ...]) -> Snapshot:
    """Return a set whose pods, on these nodes, are all outdated and healthy."""
    old = [make.pod(f"web-{index}", "app:0") for index in range(len(nodes))]
    placed = [{**pod, "spec": {**pod["spec"], "nodeName": node}} for pod, node in zip(old, nodes)]
    status = {"currentRevision": make.revision_name("app:0")}
    owner = make.stateful_set(status, {"annotations": annotations}, replicas=len(nodes))
    caches = make.Caches((STATEFULSETS, owner), *((PODS, pod) for pod in placed))
    caches.put(*((CONTROLLERREVISIONS, one) for one in (make.revision(1, "app:0"), make.revision(2))))
    caches.put(*((NODES, _node(name, zone)) for name, zone in ZONES.items()))
    found = take(make.KEY, caches)
    assert found is not None
    return found


def _node(name: str, zone: str) -> Document:
    return {"metadata": {"name": name, "uid": name, "resourceVersion": "1", "labels": {ZONE_LABEL: zone}}}


def _goes(picture: Snapshot) -> list[str]:
    return [one.key.name for one in decide(picture, NOW).steps if isinstance(one, Delete)]


def test_zones_are_those_of_the_nodes() -> None:
    nodes = ("node-a", "node-b", "node-a")
    assert _goes(_snapshot({options.UPDATE_ORDER: "zone"}, nodes)) == ["web-1"]
    assert _goes(_snapshot({options.UPDATE_ORDER: "reverse"}, nodes)) == ["web-2"]


def test_laws_notice_a_wrong_turn_and_a_step_while_paused() -> None:
    nodes = ("node-a", "node-b", "node-a")
    asked = {
        "OR4": {options.UPDATE_ORDER: "forward"},
        "BE2": {options.PAUSED: "true"},
    }
    for law, annotations in asked.items():
        picture = _snapshot(annotations, nodes)
        last = next(pods.deletion(picture.spec, one) for one in picture.pods if one.key.name == "web-2")
        broken = {text.partition(":")[0] for text in laws.check(picture, Plan(steps=(last,)), NOW)}
        assert broken == {law}
