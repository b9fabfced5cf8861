"""Server-side apply by example: merged documents, order, and the bookkeeping the recordings leave out."""

import datetime
from typing import Any

import pytest

from moorage.api.decode import Expected
from moorage.api.patch.apply import fieldset, managers, merge, typed
from moorage.api.patch.apply.fieldset import FieldSet
from moorage.api.patch.apply.managers import Writer
from moorage.api.patch.errors import PatchError

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def _apply(live: Any, manager: str, spec: dict[str, Any], pod: Expected, *, force: bool = False) -> dict[str, Any]:
    config = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    request = merge.Request(Writer(manager, "v1"), NOW, force=force)
    return merge.apply(live, config, request, pod.table).document


def test_a_container_of_another_manager_survives(pod: Expected) -> None:
    live = _apply(None, "one", {"containers": [{"name": "a", "image": "1", "args": ["x"]}]}, pod)
    live = _apply(live, "two", {"containers": [{"name": "b", "image": "2"}]}, pod)
    assert [container["name"] for container in live["spec"]["containers"]] == ["a", "b"]
    live = _apply(live, "one", {"containers": [{"name": "a", "image": "1"}]}, pod)
    assert live["spec"]["containers"] == [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}]
    live = _apply(live, "two", {}, pod)
    assert live["spec"]["containers"] == [{"name": "a", "image": "1"}]
    # An empty struct that is stated is owned: it still says `spec: {}`.
    assert live["metadata"]["managedFields"][1]["fieldsV1"] == {"f:spec": {}}


def test_what_an_updater_set_is_not_pruned(pod: Expected) -> None:
    live = _apply(None, "one", {"hostname": "h", "nodeSelector": {"a": "1"}}, pod)
    changed = {**live, "spec": {**live["spec"], "subdomain": "s"}}
    entries = managers.update_managers(live, changed, Writer("two", "v1"), pod.table, NOW)
    changed["metadata"] = {**changed["metadata"], "managedFields": entries}
    left = _apply(changed, "one", {"hostname": "h"}, pod)
    assert left["spec"] == {"hostname": "h", "subdomain": "s"}


@pytest.mark.parametrize(
    ("live", "config", "order"),
    [
        ("abc", "cx", "abcx"),
        ("ab", "ba", "ba"),
        ("ab", "xa", "xab"),
        ("abc", "", "abc"),
        ("", "ba", "ba"),
        ("abcd", "da", "bcda"),
    ],
)
def test_order_of_merged_lists(live: str, config: str, order: str, pod: Expected) -> None:
    spec = {"containers": [{"name": name} for name in config]}
    merged = typed.merge({"spec": {"containers": [{"name": name} for name in live]}}, {"spec": spec}, pod.table)
    assert "".join(container["name"] for container in merged["spec"]["containers"]) == order


def test_more_than_ten_updaters_are_folded(pod: Expected) -> None:
    document: dict[str, Any] = {"metadata": {"name": "p", "labels": {}}}
    entries: list[dict[str, Any]] = []
    for number in range(12):
        old = {**document, "metadata": {**document["metadata"], "managedFields": entries}} if entries else None
        labels = {**document["metadata"]["labels"], f"l{number}": "1"}
        document = {"metadata": {"name": "p", "labels": labels}}
        now = NOW + datetime.timedelta(seconds=number)
        entries = managers.update_managers(old, document, Writer(f"m{number}", "v1"), pod.table, now)
    names = [entry["manager"] for entry in entries]
    assert len(names) == managers.MAX_UPDATERS
    assert names[0] == managers.ANCIENT
    assert names[-1] == "m11"


def test_managed_fields_cannot_be_applied(pod: Expected) -> None:
    config = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "managedFields": [{"manager": "x"}]}}
    with pytest.raises(PatchError, match="must be nil") as caught:
        merge.apply(None, config, merge.Request(Writer("m", "v1"), NOW), pod.table)
    assert caught.value.code == 400


def test_two_items_of_one_key_are_refused(pod: Expected) -> None:
    with pytest.raises(PatchError, match=r'\.spec\.containers: duplicate entries for key \[name="a"\]'):
        _apply(None, "m", {"containers": [{"name": "a"}, {"name": "a"}]}, pod)


def test_custom_resources_own_leaves_and_whole_lists() -> None:
    config = {
        "apiVersion": "e.com/v1",
        "kind": "T",
        "metadata": {"name": "t"},
        "spec": {"a": {"b": 1}, "l": [{"c": 1}]},
    }
    table = typed.UNTYPED
    made = merge.apply(None, config, merge.Request(Writer("m", "e.com/v1"), NOW), table).document
    assert made["metadata"]["managedFields"][0]["fieldsV1"] == {"f:spec": {"f:a": {"f:b": {}}, "f:l": {}}}


def test_kubectl_takes_over_what_it_applied_client_side(pod: Expected) -> None:
    annotation = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"hostname":"h"}}\n'
    document = {"metadata": {"name": "p", "annotations": {merge.LAST_APPLIED: annotation}}, "spec": {"hostname": "h"}}
    writer = Writer("kubectl-client-side-apply", "v1")
    document["metadata"]["managedFields"] = managers.update_managers(None, document, writer, pod.table, NOW)
    live = _apply(document, "kubectl", {"hostname": "i"}, pod)
    assert live["spec"] == {"hostname": "i"}
    assert '"hostname":"i"' in live["metadata"]["annotations"][merge.LAST_APPLIED]
    with pytest.raises(merge.Conflicts):
        _apply(document, "other", {"hostname": "i"}, pod)


def test_sets_of_paths() -> None:
    one = FieldSet.of([("f:a",), ("f:a", "f:b"), ("f:c", 'k:{"n":1}', "f:d")])
    assert fieldset.to_fields_v1(one) == {"f:a": {".": {}, "f:b": {}}, "f:c": {'k:{"n":1}': {"f:d": {}}}}
    assert list(fieldset.from_fields_v1(fieldset.to_fields_v1(one))) == list(one)
    assert list(one - FieldSet.of([("f:a",)])) == [("f:a", "f:b"), ("f:c", 'k:{"n":1}', "f:d")]
    assert list(one.without_trees(FieldSet.of([("f:a",)]))) == [("f:c", 'k:{"n":1}', "f:d")]
    assert list(one & FieldSet.of([("f:a", "f:b"), ("f:x",)])) == [("f:a", "f:b")]
    assert fieldset.path_text(("f:c", 'k:{"n":1,"a":"x"}', 'v:"y"', "i:0")) == '.c[a="x",n=1][="y"][0]'
    with pytest.raises(ValueError):
        fieldset.from_fields_v1({"a": {}})


def test_a_write_of_what_its_writer_owns_decodes_no_entry(pod: Expected) -> None:
    live: dict[str, Any] = {"metadata": {"name": "p"}, "spec": {"hostname": "h"}}
    live["metadata"]["managedFields"] = managers.update_managers(None, live, Writer("one", "v1"), pod.table, NOW)
    later = NOW + datetime.timedelta(seconds=1)
    changed = {**live, "spec": {"hostname": "i"}}
    (entry,) = managers.update_managers(live, changed, Writer("one", "v1"), pod.table, later)
    assert entry["fieldsV1"] is live["metadata"]["managedFields"][0]["fieldsV1"]
    assert entry["time"] == "2026-01-02T03:04:06Z"
