"""Patches by example: what the recordings leave out, above all refusals."""

from typing import Any

import pytest

from moorage.api.decode import Expected
from moorage.api.patch import json as json_patch
from moorage.api.patch import merge, strategic
from moorage.api.patch.errors import PatchError


@pytest.mark.parametrize(
    ("operation", "outcome"),
    [
        ({"op": "add", "path": "/l/1", "value": 9}, {"l": [1, 9, 2], "m": {"a": 1}}),
        ({"op": "add", "path": "/l/-", "value": 9}, {"l": [1, 2, 9], "m": {"a": 1}}),
        ({"op": "replace", "path": "/l/-1", "value": 9}, {"l": [1, 9], "m": {"a": 1}}),
        ({"op": "remove", "path": "/l/0"}, {"l": [2], "m": {"a": 1}}),
        ({"op": "copy", "from": "/m", "path": "/m~1n"}, {"l": [1, 2], "m": {"a": 1}, "m/n": {"a": 1}}),
        ({"op": "move", "from": "/l/0", "path": "/m/b"}, {"l": [2], "m": {"a": 1, "b": 1}}),
    ],
)
def test_json_operations(operation: dict[str, Any], outcome: dict[str, Any]) -> None:
    assert json_patch.apply({"l": [1, 2], "m": {"a": 1}}, [operation]) == outcome


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/l/3", "value": 1},
        {"op": "add", "path": "/l/x", "value": 1},
        {"op": "add", "path": "/no/deeper", "value": 1},
        {"op": "add", "path": "", "value": {}},
        {"op": "add", "path": "/l"},
        {"op": "remove", "path": "/none"},
        {"op": "test", "path": "/flag", "value": 1},
        {"op": "move", "from": "/none", "path": "/x"},
        {},
    ],
)
def test_json_operations_that_do_not_apply(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchError) as caught:
        json_patch.apply({"l": [1, 2], "flag": True}, [operation])
    assert caught.value.code == 422


def test_json_patches_that_do_not_parse() -> None:
    for body in (b"[1]", b'[{"op":1}]', b"{", b"null"):
        with pytest.raises(PatchError, match="error decoding patch"):
            json_patch.parse(body)
    with pytest.raises(PatchError) as caught:
        json_patch.parse(b"[" + b",".join([b'{"op":"test"}'] * 10_001) + b"]")
    assert caught.value.code == 413


def test_merge_drops_nulls_inside_new_values() -> None:
    assert merge.apply({"a": 1}, {"b": {"c": None, "d": [None, {"e": None}]}}) == {"a": 1, "b": {"d": [{}]}}
    assert merge.apply({"a": {"b": 1}}, {"a": {"b": None}}) == {"a": {}}


def _containers(expected: Expected, live: list[Any], patch: dict[str, Any]) -> list[Any]:
    made = strategic.apply({"spec": {"containers": live}}, {"spec": patch}, expected.table)
    containers: list[Any] = made["spec"]["containers"]
    return containers


def test_strategic_order(pod: Expected) -> None:
    live = [{"name": name} for name in "abc"]
    order = {"$setElementOrder/containers": [{"name": name} for name in "cxa"], "containers": [{"name": "x"}]}
    # b is unknown to the patch: it keeps its place before c of the live list.
    assert [item["name"] for item in _containers(pod, live, order)] == ["b", "c", "x", "a"]
    assert [item["name"] for item in _containers(pod, live, {"containers": [{"name": "n"}]})] == ["n", "a", "b", "c"]


def test_strategic_order_must_name_the_patched_items_in_order(pod: Expected) -> None:
    patch = {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "b"}]}
    with pytest.raises(PatchError, match="doesn't match"):
        _containers(pod, [{"name": "a"}], patch)


@pytest.mark.parametrize(
    ("patch", "text", "code"),
    [
        ({"containers": [{"image": "i"}]}, "map: map[image:i] does not contain declared merge key: name", 500),
        ({"containers": [{"name": "a", "$patch": "fold"}]}, "unknown patch type: fold", 500),
        ({"$patch": "fold"}, "unknown patch type: fold in map: map[$patch:fold]", 500),
        ({"$retainKeys": 3}, "invalid patch format of retainKeys", 400),
        ({"$retainKeys": [], "hostname": "h"}, "invalid patch format of retainKeys", 400),
        ({"$setElementOrder/containers": 3}, "invalid patch format of setElementOrder list", 400),
    ],
)
def test_strategic_refusals(pod: Expected, patch: dict[str, Any], text: str, code: int) -> None:
    with pytest.raises(PatchError) as caught:
        _containers(pod, [{"name": "a"}], patch)
    assert text in caught.value.text
    assert caught.value.code == code


def test_directives_never_reach_the_object(pod: Expected) -> None:
    patch = {
        "volumes": [{"name": "v", "$retainKeys": ["name"]}, {"name": "w", "$patch": "delete"}],
        "x": {"$patch": "y"},
    }
    made = strategic.apply({"spec": {}}, {"spec": patch}, pod.table)
    assert made == {"spec": {"volumes": [{"name": "v"}], "x": {}}}
