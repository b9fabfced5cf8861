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


def test_laws_notice_a_wrong_turn_and_a_step_not_allowed() -> None:
    nodes = ("node-a", "node-b", "node-a")
    asked = {
        "OR4": {options.UPDATE_ORDER: "forward"},
        "BE2": {options.PAUSED: "true"},
        "BE4": {options.CANARY: "0"},
    }
    for law, annotations in asked.items():
        picture = _snapshot(annotations, nodes)
        last = next(pods.deletion(picture.spec, one) for one in picture.pods if one.key.name == "web-2")
        broken = {text.partition(":")[0] for text in laws.check(picture, Plan(steps=(last,)), NOW)}
        assert broken == {law}


def test_laws_notice_a_pod_at_a_reserved_ordinal() -> None:
    picture = _snapshot({options.RESERVED: "3"}, ("node-a", "node-b", "node-a"))
    made = pods.creation(picture.spec, 3, make.revision_name(), make.template())
    assert {text.partition(":")[0] for text in laws.check(picture, Plan(steps=(made,)), NOW)} == {"BE5"}


def test_lists_of_ordinals() -> None:
    def read(text: str) -> options.Options:
        return options.read({"metadata": {"annotations": {options.RESERVED: text}}})

    assert read("7, 1,3-5").reserved == {1, 3, 4, 5, 7}
    assert (read("2,x").reserved, [name for name, _ in read("2,x").problems]) == ({2}, [options.RESERVED])
    assert (read("0-99999").reserved, len(read("0-99999").problems)) == (frozenset(), 1)
