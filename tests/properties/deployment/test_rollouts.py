"""Whatever the order of events, a rollout keeps its bounds and ends; Recreate never runs two templates at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions
from moorage.controllers.deployment.situation import fenceposts
from tests.properties.deployment.fleet import Fleet, images, owned, template

SOME = st.integers(0, 6)
STEP = st.tuples(st.just("step"), SOME)
CHANGES = st.tuples(st.sampled_from(("image", "pause", "resume", "step", "step")), SOME)
GOOD = st.one_of(STEP, CHANGES, st.tuples(st.just("ready"), SOME))
ANY = st.one_of(GOOD, st.tuples(st.sampled_from(("scale", "unready", "fail")), SOME))
BOUNDS = st.sampled_from(((1, 0), (0, 1), (1, 1), (2, 1), ("25%", "25%"), ("100%", "50%"), (0, "40%")))
REPLICAS = 4


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """Return the type tables."""
    return Schemas(load_definitions())


def move(fleet: Fleet, verb: str, number: int) -> None:
    """Make one move of a story."""
    match verb:
        case "step":
            fleet.step(number)
        case "image":
            fleet.change(template=template(f"app:{number % 3}"))
        case "scale":
            fleet.change(replicas=number)
        case "pause" | "resume":
            fleet.change(paused=verb == "pause")
        case _:
            fleet.kubelet(number, verb)


def complete(fleet: Fleet) -> None:
    """Resume, let everything get ready, and look whether all is as wanted and at rest."""
    fleet.change(paused=False)
    fleet.finish()
    owner, wanted = fleet.owner, fleet.owner["spec"]["replicas"]
    running = [pod for pod in fleet.pods if pod["status"]["phase"] == "Running"]
    assert len(running) == wanted
    assert images(fleet) == ({owner["spec"]["template"]["spec"]["containers"][0]["image"]} if wanted else set())
    status = owner["status"]
    assert [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")] == [wanted] * 3
    assert status["observedGeneration"] == owner["metadata"]["generation"]
    assert owned(fleet)
    before = fleet.store.revision
    fleet.settle()
    assert fleet.store.revision == before


@settings(max_examples=120, deadline=None)
@given(bounds=BOUNDS, story=st.lists(GOOD, max_size=50))
def test_never_too_many_and_never_too_few(
    schemas: Schemas, bounds: tuple[int | str, int | str], story: list[tuple[str, int]]
) -> None:
    surge, unavailable = fenceposts(*bounds, REPLICAS)
    seen = [0]

    def within(fleet: Fleet) -> None:
        assert fleet.wanted <= REPLICAS + surge
        if fleet.ready < seen[0]:
            assert fleet.ready >= REPLICAS - unavailable
        seen[0] = fleet.ready

    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": bounds[0], "maxUnavailable": bounds[1]}}
    fleet = Fleet(schemas, {"replicas": REPLICAS, "strategy": rolling}, within)
    for verb, number in story:
        move(fleet, verb, number)
        seen[0] = max(seen[0], fleet.ready)
    complete(fleet)


@settings(max_examples=120, deadline=None)
@given(bounds=BOUNDS, story=st.lists(ANY, max_size=50))
def test_every_rollout_ends(
    schemas: Schemas, bounds: tuple[int | str, int | str], story: list[tuple[str, int]]
) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": bounds[0], "maxUnavailable": bounds[1]}}
    fleet = Fleet(schemas, {"replicas": REPLICAS, "strategy": rolling}, lambda _: None)
    for verb, number in story:
        move(fleet, verb, number)
    complete(fleet)


@settings(max_examples=120, deadline=None)
@given(story=st.lists(ANY, max_size=50))
def test_recreate_runs_one_template_at_a_time(schemas: Schemas, story: list[tuple[str, int]]) -> None:
    def alone(fleet: Fleet) -> None:
        assert len(images(fleet)) <= 1

    fleet = Fleet(schemas, {"replicas": 3, "strategy": {"type": "Recreate"}}, alone)
    for verb, number in story:
        move(fleet, verb, number)
    complete(fleet)
