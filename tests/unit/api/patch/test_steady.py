"""Entries that stay as they are spelt: when the short way is taken, and when it is left to the long one."""

from typing import Any

import pytest

from moorage.api.patch.apply import steady
from moorage.api.patch.apply.compare import Comparison
from moorage.api.patch.apply.fieldset import FieldPath, FieldSet

OLD, NOW = "2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z"
MINE = {"manager": "me", "operation": "Update", "apiVersion": "v1", "subresource": "status"}


def _entry(manager: str, fields: dict[str, Any], subresource: str = "") -> dict[str, Any]:
    entry = {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": OLD}
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": fields}
    return entry | ({"subresource": subresource} if subresource else {})


SPEC = _entry("kubectl", {"f:spec": {"f:replicas": {}}})
STATUS = _entry(
    "me", {"f:status": {".": {}, "f:phase": {}, "f:conditions": {'k:{"type":"Ready"}': {"f:status": {}}}}}, "status"
)


def _renewed(live: list[dict[str, Any]], *modified: FieldPath, removed: tuple[FieldPath, ...] = ()) -> Any:
    paths = FieldSet.of(modified)
    return steady.renewed(live, paths, Comparison(modified=paths, removed=FieldSet.of(removed)), MINE, NOW)


def test_a_change_of_what_its_writer_owns_renews_the_time_alone() -> None:
    found = _renewed(
        [STATUS, SPEC], ("f:status", "f:phase"), ("f:status", "f:conditions", 'k:{"type":"Ready"}', "f:status")
    )
    assert found == [SPEC, {**STATUS, "time": NOW}]
    assert found[1]["fieldsV1"] is STATUS["fieldsV1"]
    assert found[0] is SPEC


def test_a_change_of_nothing_anybody_owns_leaves_the_entries() -> None:
    live = [SPEC, STATUS]
    assert _renewed(live, removed=(("f:metadata", "f:resourceVersion"),)) is live


@pytest.mark.parametrize(
    "path",
    [
        ("f:status", "f:podIP"),
        ("f:status", "f:conditions"),
        ("f:status", "f:conditions", 'k:{"type":"Ready"}'),
        ("f:spec", "f:replicas"),
    ],
    ids=["new field", "not owned itself", "list item not owned itself", "owned by another"],
)
def test_a_change_of_owners_goes_the_long_way(path: FieldPath) -> None:
    assert _renewed([SPEC, STATUS], path) is None


def test_a_removal_of_what_somebody_owns_goes_the_long_way() -> None:
    assert _renewed([SPEC, STATUS], removed=(("f:status", "f:phase"),)) is None
    assert _renewed([SPEC, STATUS], removed=(("f:spec", "f:replicas"),)) is None


def test_a_writer_without_an_entry_goes_the_long_way() -> None:
    assert _renewed([SPEC], ("f:status", "f:phase")) is None
