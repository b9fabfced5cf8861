"""From any beginning, a set whose pods start and stop when told ends up as wanted, and then nobody writes (LV1, LV2)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions
from moorage.api.scheme import PODS, STATEFULSETS
from moorage.controllers.statefulset import laws
from tests.scripts.script import Script

KEY = ObjectKey("default", "web")


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """Return the type tables."""
    return Schemas(load_definitions())


changes = st.one_of(
    st.integers(0, 4).map(lambda number: f"set web replicas={number}"),
    st.sampled_from("123").map(lambda tag: f"set web image=app:{tag}"),
    st.integers(0, 3).map(lambda number: f"set web start={number}"),
    st.integers(1, 3).map(lambda number: f"set web maxUnavailable={number}"),
    st.tuples(st.sampled_from(("ready", "stopped", "fail", "delete pod")), st.integers(0, 5)).map(
        lambda pair: f"{pair[0]} web-{pair[1]}"
    ),
    st.just("wait 1"),
)
ASKED = (
    "paused=true", "paused=", "canary=1", "canary=0,9", "canary=", "hibernate=true", "hibernate=",
    "reserved-ordinals=1", "reserved-ordinals=0,2-3", "reserved-ordinals=", "update-order=forward", "update-order=role",
    'pre-removal-hook={"exec":{"command":["leave"]}}', "ordered-delete=true", "unstick=true",
)  # fmt: skip
CLEARED = "paused= canary= hibernate= reserved-ordinals= pre-removal-hook= ordered-delete="
asked = st.one_of(changes, st.sampled_from(ASKED).map(lambda one: f"annotate web {one}"), st.just("auto"))
beginnings = st.tuples(
    st.sampled_from(("OrderedReady", "Parallel")),
    st.sampled_from(("Retain", "Delete")),
    st.sampled_from((0, 2)),
).map(lambda drawn: f"set web replicas=3 policy={drawn[0]} whenScaled={drawn[1]} minReady={drawn[2]} claims=data")


@settings(max_examples=80, deadline=None)
@given(beginning=beginnings, story=st.lists(changes, max_size=12))
def test_a_set_reaches_what_is_wanted_and_rests(schemas: Schemas, beginning: str, story: list[str]) -> None:
    script = Script(schemas)
    _keep_laws(script)
    _reaches(script, (beginning, *story))


@settings(max_examples=80, deadline=None)
@given(beginning=beginnings, story=st.lists(asked, max_size=14))
def test_whatever_it_was_asked_meanwhile(schemas: Schemas, beginning: str, story: list[str]) -> None:
    script = Script(schemas)
    _keep_laws(script)
    _reaches(script, (beginning, *story, f"annotate web {CLEARED}"))


def _reaches(script: Script, story: tuple[str, ...]) -> None:
    for line in story:
        script.command(line.split())
    for _ in range(60):
        script.command(["auto"])
        script.command(["wait", "3"])
    owner = script.store.get(STATEFULSETS, KEY)
    assert script.engine.failures.total() == 0
    wanted = _wanted(owner)
    pods = {meta.name(pod): pod for pod in script.store.all(PODS)}
    assert set(pods) == wanted
    status = script.store.get(STATEFULSETS, KEY)["status"]
    assert status["replicas"] == status.get("readyReplicas", 0) == status.get("updatedReplicas", 0) == len(wanted)
    assert status["currentRevision"] == status["updateRevision"]
    assert all(meta.labels(pod)["controller-revision-hash"] == status["updateRevision"] for pod in pods.values())
    revision = script.store.revision
    script.command(["wait", "100"])
    assert script.store.revision == revision


def _keep_laws(script: Script) -> None:
    """Have every plan of a script's engine checked against the laws."""
    controller = script.engine.controllers[0]
    inner = controller.decide

    def checked(snapshot: Any, now: Any) -> Any:
        plan = inner(snapshot, now)
        assert laws.check(snapshot, plan, now) == ()
        return plan

    script.engine.controllers = (replace(controller, decide=checked),)


def _wanted(owner: Document) -> set[str]:
    start = (owner["spec"].get("ordinals") or {}).get("start", 0)
    return {f"web-{ordinal}" for ordinal in range(start, start + owner["spec"]["replicas"])}
