"""Another number of replicas, in the middle of a rollout or not."""

from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.reconcile.actions import Update
from tests.unit.controllers.deployment.builders import deployment, plan, replicas, sizes


def scaled(image: str, size: int, available: int = -1, **more: Any) -> Document:
    """Return a replica set that was last scaled for 10 pods and a surge of 3."""
    return replicas(image, size, available, desired="10", maximum="13", **more)


@pytest.mark.parametrize(
    ("owner", "sets", "expected"),
    [
        # the only active set takes it all
        (deployment(15), [scaled("new", 10)], {"new": 15}),
        (deployment(3), [scaled("old", 0), scaled("new", 10, revision=2)], {"new": 3}),
        # without the new set the newest old one does
        (deployment(3, paused=True), [scaled("old", 10)], {"old": 3}),
        # several active sets take it in proportion to their sizes
        (deployment(15, surge=3), [scaled("old", 8), scaled("new", 5, 0, revision=2)], {"old": 11, "new": 7}),
        (deployment(5, surge=3), [scaled("old", 8), scaled("new", 5, 0, revision=2)], {"old": 5, "new": 3}),
        (deployment(0), [scaled("old", 8), scaled("new", 5, 0, revision=2)], {"old": 0, "new": 0}),
    ],
)
def test_scaling(owner: Document, sets: list[Document], expected: dict[str, int]) -> None:
    assert sizes(plan(owner, *sets)) == expected


def test_what_rounding_leaves_goes_to_the_largest() -> None:
    sets = [scaled("old", 5), scaled("new", 4, 0, revision=2)]
    found = sizes(plan(deployment(20, surge=0, unavailable=1), *sets))
    assert sum(found.values()) == 20
    assert found["old"] > found["new"]


def test_the_numbers_are_noted_even_where_the_size_stays() -> None:
    held = [scaled("old", 8), scaled("new", 5, 0, revision=2)]
    found = plan(deployment(10, surge=4, paused=True), *held)
    assert sizes(found) == {"old": 9, "new": 5}
    documents = [step.document for step in found.steps if isinstance(step, Update)]
    noted = [one["metadata"]["annotations"]["deployment.kubernetes.io/max-replicas"] for one in documents]
    assert noted == ["14", "14"]


def test_once_the_new_set_has_everything_the_old_ones_go() -> None:
    new = replicas("new", 10, revision=2, desired="10", maximum="13")
    assert sizes(plan(deployment(10, paused=True), scaled("old", 2), new)) == {"old": 0}


def test_a_scaling_event_starts_no_rollout() -> None:
    assert sizes(plan(deployment(15, image="newest"), scaled("old", 10))) == {"old": 15}
