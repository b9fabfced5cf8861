"""Law of apply: patching the live object with the three-way patch gives what the manifest says, and keeps others' fields."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.patch import strategic, threeway
from moorage.api.refs import Document
from moorage.api.schema import Schemas, TypeTable
from moorage.api.schemadata import load_definitions

NAMES = st.sampled_from(["a", "b", "c", "d"])
LABELS = st.dictionaries(NAMES, st.sampled_from(["1", "2"]), max_size=3)
ENV = st.lists(NAMES, unique=True, max_size=3).flatmap(
    lambda names: st.tuples(
        *(st.sampled_from(["1", "2"]).map(lambda v, n=name: {"name": n, "value": v}) for name in names)
    )
)
CONTAINER = st.fixed_dictionaries(
    {"image": st.sampled_from(["x:1", "x:2"])},
    optional={"env": ENV.map(list), "args": st.lists(NAMES, max_size=2), "workingDir": NAMES},
)
CONTAINERS = st.dictionaries(NAMES, CONTAINER, min_size=1, max_size=3).map(
    lambda found: [{"name": name, **container} for name, container in found.items()]
)
METADATA = st.fixed_dictionaries(
    {"name": st.just("p")}, optional={"labels": LABELS, "finalizers": st.lists(NAMES, unique=True, max_size=3)}
)
POD = st.fixed_dictionaries({"metadata": METADATA, "spec": st.fixed_dictionaries({"containers": CONTAINERS})})


@cache
def table() -> TypeTable:
    return Schemas(load_definitions()).table("io.k8s.api.core.v1.Pod")


def tidy(value: object) -> object:
    """Return a document without empty maps and lists, which a patch may leave behind."""
    if isinstance(value, dict):
        return {key: tidy(item) for key, item in value.items() if item not in ({}, [])}
    return [tidy(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=200, deadline=None)
@given(POD, POD)
def test_what_was_applied_becomes_what_is_wanted(original: Document, modified: Document) -> None:
    patch = threeway.create(original, modified, original, table())
    assert tidy(strategic.apply(original, patch, table())) == tidy(modified)


@settings(max_examples=100, deadline=None)
@given(POD)
def test_nothing_changed_is_no_patch(pod: Document) -> None:
    assert threeway.create(pod, pod, pod, table()) == {}


@settings(max_examples=100, deadline=None)
@given(POD, POD)
def test_what_others_added_stays(original: Document, modified: Document) -> None:
    live = {**original, "spec": {**original["spec"], "nodeName": "n1"}, "status": {"phase": "Running"}}
    merged = strategic.apply(live, threeway.create(original, modified, live, table()), table())
    assert (merged["spec"]["nodeName"], merged["status"]) == ("n1", {"phase": "Running"})
