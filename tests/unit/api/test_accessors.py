"""Metadata, owners and conditions: what is read, and that changes leave the given document alone."""

import copy
import datetime

from moorage.api import conditions, meta, owners
from moorage.api.scheme import STATEFULSETS

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
OWNER = {"metadata": {"name": "web", "namespace": "n", "uid": "u1"}}


def test_an_empty_document_reads_as_empty() -> None:
    assert (meta.name({}), meta.labels({}), meta.finalizers({}), meta.generation({})) == ("", {}, (), 0)
    assert meta.creation_time({}) is None
    assert not meta.is_deleting({"metadata": None})


def test_finalizers_are_set_on_a_copy() -> None:
    document = {"metadata": {"name": "a", "finalizers": ["x", "y"]}}
    given = copy.deepcopy(document)
    assert meta.finalizers(meta.with_finalizers(document, ("y",))) == ("y",)
    assert "finalizers" not in meta.metadata(meta.with_finalizers(document, ()))
    assert document == given


def test_owners_are_known_by_uid() -> None:
    pod = {"metadata": {"name": "web-0"}}
    owned = owners.with_owner(pod, owners.controller_reference(OWNER, STATEFULSETS))
    assert owners.controller_of(owned) == {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "u1",
        "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip
    assert owners.is_controlled_by(owned, "u1")
    assert not owners.is_controlled_by(owned, "u2")
    assert owners.without_owner(owned, "u1") == pod
    again = owners.with_owner(owned, owners.reference_to(OWNER, STATEFULSETS))
    assert len(owners.owner_references(again)) == 1


def test_a_condition_keeps_its_time_while_its_status_stays() -> None:
    made = conditions.with_condition([], {"type": "Ready", "status": "False"}, NOW)
    later = NOW + datetime.timedelta(minutes=1)
    same = conditions.with_condition(made, {"type": "Ready", "status": "False", "reason": "New"}, later)
    assert same == [{"type": "Ready", "status": "False", "reason": "New", "lastTransitionTime": "2026-01-02T03:04:05Z"}]
    turned = conditions.with_condition(same, {"type": "Ready", "status": "True"}, later)
    assert conditions.find(turned, "Ready")["lastTransitionTime"] == "2026-01-02T03:05:05Z"  # type: ignore[index] # it is there
    assert conditions.is_true({"status": {"conditions": turned}}, "Ready")
