"""Laws of the language room: canonical forms are fixed points, patches do what a plain second version says."""

import copy
import datetime
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api import decode, fields, labels, quantity, times
from moorage.api.decode import Expected
from moorage.api.patch import json as json_patch
from moorage.api.patch import merge, strategic
from moorage.api.patch.apply import managers, typed
from moorage.api.patch.apply.compare import compare
from moorage.api.patch.apply.fieldset import FieldSet, from_fields_v1, to_fields_v1
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table

NAMES = st.sampled_from(["a", "b", "c", "d"])
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | NAMES
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
OBJECTS = st.dictionaries(NAMES, JSON, max_size=4)
SUFFIXES = st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "n", "u", "e3", "E-2"])
NUMBERS = st.decimals(-10_000, 10_000, places=3, allow_nan=False).map(lambda number: f"{number:f}")
OFFSETS = st.integers(-14, 14).map(lambda hours: datetime.timezone(datetime.timedelta(hours=hours)))
MOMENTS = st.datetimes(datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - bounds
ITEMS = st.lists(NAMES, unique=True, max_size=4).map(lambda names: [{"name": name} for name in names])


@cache
def pod() -> Expected:
    return Expected("v1", "Pod", Schemas(load_definitions(), load_wire_table()).table("io.k8s.api.core.v1.Pod"))


@given(NUMBERS, SUFFIXES)
def test_a_canonical_quantity_is_the_same_amount_and_stays(number: str, suffix: str) -> None:
    text = quantity.canonical(number + suffix)
    assert quantity.parse(text) == quantity.parse(number + suffix)
    assert quantity.canonical(text) == text
    assert "." not in text


@given(st.lists(st.tuples(NUMBERS, SUFFIXES), max_size=4))
def test_sums_do_not_depend_on_order(amounts: list[tuple[str, str]]) -> None:
    parsed = [quantity.parse(number + suffix) for number, suffix in amounts]
    assert quantity.total(parsed) == quantity.total(parsed[::-1])


@given(MOMENTS)
def test_times_survive(moment: datetime.datetime) -> None:
    assert times.parse_time(times.format_micro_time(moment)) == moment
    text = times.format_time(moment)
    assert times.normal_time(text) == text


@given(st.dictionaries(NAMES, NAMES, max_size=3), st.dictionaries(NAMES, NAMES, max_size=3))
def test_a_selector_reads_back_from_its_text(wanted: dict[str, str], given_labels: dict[str, str]) -> None:
    selector = labels.from_map(wanted)
    assert labels.parse(str(selector)) == selector
    assert selector.matches(given_labels) == (wanted.items() <= given_labels.items())


@given(st.dictionaries(NAMES, st.text(max_size=4), max_size=3))
def test_field_values_survive_escaping(wanted: dict[str, str]) -> None:
    selector = fields.FieldSelector(tuple(fields.Term(*item) for item in wanted.items()))
    assert fields.parse(str(selector)) == selector
    assert selector.matches(wanted)


def _plain_merge(target: Any, patch: Any) -> Any:
    """Do what RFC 7386 says, word by word, with nulls in lists dropped."""
    if not isinstance(patch, dict):
        return [_plain_merge(None, item) for item in patch if item is not None] if isinstance(patch, list) else patch
    made = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = _plain_merge(made.get(key), value)
    return made


@given(OBJECTS, OBJECTS)
def test_merge_patch_as_the_rfc_says(document: dict[str, Any], patch: dict[str, Any]) -> None:
    before = copy.deepcopy((document, patch))
    assert merge.apply(document, patch) == _plain_merge(document, patch)
    assert (document, patch) == before


@given(OBJECTS, OBJECTS)
def test_json_patch_reaches_any_document(old: dict[str, Any], new: dict[str, Any]) -> None:
    operations = [{"op": "remove", "path": f"/{key}"} for key in old]
    operations += [{"op": "add", "path": f"/{key}", "value": value} for key, value in new.items()]
    operations += [{"op": "test", "path": f"/{key}", "value": value} for key, value in new.items()]
    assert json_patch.apply(old, operations) == new


@given(ITEMS, ITEMS)
def test_both_merges_keep_every_item_once_and_the_patch_in_order(live: list[Any], patch: list[Any]) -> None:
    wanted = {item["name"] for item in [*live, *patch]}
    for merged in (
        strategic.apply({"spec": {"containers": live}}, {"spec": {"containers": patch}}, pod().table),
        typed.merge({"spec": {"containers": live}}, {"spec": {"containers": patch}}, pod().table),
    ):
        names = [item["name"] for item in merged["spec"].get("containers", [])]
        assert sorted(names) == sorted(wanted)
        assert [name for name in names if {"name": name} in patch] == [item["name"] for item in patch]


@given(OBJECTS, OBJECTS)
def test_a_comparison_tells_two_documents_apart(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = compare(old, new, typed.UNTYPED)
    changed = bool(found.added or found.removed or found.modified)
    assert changed is not json_patch.same(old, new)
    back = compare(new, old, typed.UNTYPED)
    assert list(back.added) == list(found.removed)
    assert list(back.modified) == list(found.modified)


@given(st.lists(st.tuples(NAMES, st.booleans(), OBJECTS), min_size=1, max_size=8))
def test_the_usual_write_is_recorded_as_every_other(writes: list[tuple[str, bool, dict[str, Any]]]) -> None:
    """The short way of `steady` gives what decoding, working out and encoding every entry gives."""
    live: dict[str, Any] | None = None
    for second, (name, to_status, spec) in enumerate(writes):
        now = datetime.datetime(2026, 1, 1, 0, 0, second, tzinfo=datetime.UTC)
        writer = managers.Writer(name, "v1", "status" if to_status else "", (("f:status",),) if not to_status else ())
        metadata = (live or {}).get("metadata", {})
        new = {"metadata": metadata, "status": (live or {}).get("status", {}), "spec": spec}
        if to_status:
            new = {"metadata": metadata, "status": spec, "spec": (live or {}).get("spec", {})}
        entries = managers.update_managers(live, new, writer, typed.UNTYPED, now)
        before = managers.decode(metadata.get("managedFields"))
        context = managers.Times(typed.UNTYPED, times.format_time(now))
        slowly = managers.updated(before, live or {}, new, writer, context)
        known = live is None or bool(before)
        assert entries == (managers.encode(managers.capped(slowly)) if known else [])
        live = {**new, "metadata": {"managedFields": entries} if entries else {}}


@given(OBJECTS)
def test_a_set_of_paths_reads_back_and_removes_all_it_names(document: dict[str, Any]) -> None:
    paths = typed.field_set(document, typed.UNTYPED)
    assert list(from_fields_v1(to_fields_v1(paths))) == list(paths)
    left = typed.remove(document, paths, typed.UNTYPED)
    assert not typed.field_set(left or {}, typed.UNTYPED) & paths
    assert not paths - paths
    assert list(paths | FieldSet()) == list(paths)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["metadata", "spec", "status", "bogus"]), JSON, max_size=4))
def test_decoding_refuses_or_gives_a_fixed_point(document: dict[str, Any]) -> None:
    try:
        once = decode.convert(document, pod(), "Ignore").document
    except decode.BadDocument:
        return
    again = decode.convert(once, pod(), "Strict")
    assert again.document == once
    assert not again.warnings
