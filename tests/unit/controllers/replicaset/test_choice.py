"""Which pods go first."""

from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.api.views import view
from moorage.controllers.replicaset.choice import DELETION_COST, doomed
from moorage.informer.cache import Cached
from tests.fakes.caches import key
from tests.fakes.clock import START
from tests.unit.controllers.replicaset.builders import pod


def _cached(document: Document) -> Cached[Any]:
    return Cached(key(document["metadata"]["name"]), document, view(PODS, document), 1)


def _costs(text: str) -> dict[str, Any]:
    return {"annotations": {DELETION_COST: text}}


def _restarted(name: str, count: int) -> Document:
    made = pod(name)
    return {**made, "status": {**made["status"], "containerStatuses": [{"name": "c", "restartCount": count}]}}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (pod("a", "Pending", node=""), pod("b", "Pending")),
        (pod("a", "Pending"), pod("b", "Unknown")),
        (pod("a", "Unknown"), pod("b", "Running")),
        (pod("a", "Running"), pod("b")),
        (pod("a", **_costs("-5")), pod("b")),
        (pod("a"), pod("b", **_costs("7"))),
        (pod("a", since="2025-12-31T23:00:00Z"), pod("b", since="2025-12-01T00:00:00Z")),
        (_restarted("a", 3), _restarted("b", 1)),
        (pod("a", creationTimestamp="2025-12-31T20:00:00Z"), pod("b", creationTimestamp="2025-12-01T00:00:00Z")),
    ],
)
def test_the_one_that_is_missed_least_goes_first(first: Document, second: Document) -> None:
    pods = [_cached(second), _cached(first)]
    assert [one.key.name for one in doomed(pods, (), 1, START)] == ["a"]
    assert [one.key.name for one in doomed(pods[::-1], (), 1, START)] == ["a"]


def test_where_siblings_crowd_a_node_one_of_its_pods_goes() -> None:
    lonely, crowded, sibling = (_cached(pod(name, node=node)) for name, node in (("a", "n1"), ("b", "n2"), ("c", "n2")))
    assert doomed([lonely, crowded], [lonely, crowded, sibling], 1, START) == [crowded]


def test_ages_of_one_order_count_as_equal_and_the_uid_decides() -> None:
    older, younger = pod("a", since="2025-12-31T20:00:00Z"), pod("b", since="2025-12-31T20:30:00Z")
    assert [one.key.name for one in doomed([_cached(younger), _cached(older)], (), 1, START)] == ["a"]


@pytest.mark.parametrize("text", ["+1", "01", "x", "99999999999", "-", ""])
def test_a_cost_that_is_no_number_counts_as_none(text: str) -> None:
    pods = [_cached(pod("a")), _cached(pod("b", **_costs(text)))]
    assert [one.key.name for one in doomed(pods, (), 1, START)] == ["a"]


def test_all_go_where_all_are_too_many() -> None:
    assert len(doomed([_cached(pod("a")), _cached(pod("b"))], (), 2, START)) == 2
