"""Owners of claims: the table of the retention policy, stale and foreign owners; new claims."""

from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.controllers.statefulset.claims import Claims, Tenant, claim_document
from moorage.controllers.statefulset.rules import NEWEST, V1_28, Rules
from moorage.controllers.statefulset.spec import read
from moorage.reconcile.actions import Create, Emit, Patch
from tests.unit.controllers.statefulset import builders as make

TEMPLATES = [{"metadata": {"name": "data", "labels": {"tier": "db", "app": "no"}}, "spec": {"accessModes": ["RWO"]}}]
SET = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": make.UID}
POD = {"apiVersion": "v1", "kind": "Pod", "name": "web-1", "uid": "uid-web-1"}
CONTROLLER = {"controller": True, "blockOwnerDeletion": True}
FOREIGN = {"apiVersion": "x/v1", "kind": "Backup", "name": "b", "uid": "b"}


def _claims(scaled: str, deleted: str, *references: Document, rules: Rules = NEWEST) -> Claims:
    policy = {"whenScaled": scaled, "whenDeleted": deleted}
    owner = make.stateful_set(volumeClaimTemplates=TEMPLATES, persistentVolumeClaimRetentionPolicy=policy)
    picture = make.snapshot(owner, make.claim("data-web-1", *references))
    return Claims(picture.spec, rules, picture.claims)


def _tenant(*, condemned: bool) -> Tenant:
    return Tenant("web-1", "uid-web-1", make.pod("web-1"), condemned)


def _owners(claims: Claims, *, condemned: bool) -> Any:
    """Return the owners a repair writes, None where it writes nothing."""
    patches = [one for one in claims.repairs(_tenant(condemned=condemned)) if isinstance(one, Patch)]
    return patches[0].body["metadata"]["ownerReferences"] if patches else None


@pytest.mark.parametrize(
    ("scaled", "deleted", "in_range", "condemned"),
    [
        ("Retain", "Retain", None, None),
        ("Retain", "Delete", [SET | CONTROLLER], [SET | CONTROLLER]),
        ("Delete", "Retain", None, [POD | CONTROLLER]),
        ("Delete", "Delete", [SET | CONTROLLER], [POD | CONTROLLER]),
    ],
)
def test_the_table(scaled: str, deleted: str, in_range: Any, condemned: Any) -> None:
    assert _owners(_claims(scaled, deleted), condemned=False) == in_range
    assert _owners(_claims(scaled, deleted), condemned=True) == condemned


@pytest.mark.parametrize("condemned", [False, True])
def test_what_is_right_already_is_left_alone(condemned: bool) -> None:  # noqa: FBT001  (a test's parameter)
    right = POD | CONTROLLER if condemned else SET | CONTROLLER
    assert _owners(_claims("Delete", "Delete", right), condemned=condemned) is None


def test_a_policy_taken_back_removes_our_references_and_no_other() -> None:
    assert _owners(_claims("Retain", "Retain", FOREIGN, SET | CONTROLLER), condemned=False) == [FOREIGN]


def test_a_plain_reference_of_ours_becomes_a_controller_s() -> None:
    assert _owners(_claims("Retain", "Delete", SET), condemned=False) == [SET | CONTROLLER]
    assert _owners(_claims("Retain", "Delete", SET, rules=V1_28), condemned=False) is None


def test_a_stale_reference_leaves_the_claim_untouched() -> None:
    stale = {**SET, "uid": "an-older-set", "controller": True}
    assert _owners(_claims("Retain", "Delete", stale), condemned=False) is None
    assert _owners(_claims("Delete", "Retain", {**POD, "uid": "older"}), condemned=True) is None


def test_a_foreign_controller_makes_the_policy_not_ours() -> None:
    foreign = FOREIGN | {"controller": True}
    claims = _claims("Retain", "Delete", foreign, SET)
    event, patch = claims.repairs(_tenant(condemned=False))
    assert isinstance(event, Emit)
    assert event.reason == "ConflictingController"
    assert isinstance(patch, Patch)
    assert patch.body["metadata"]["ownerReferences"] == [foreign]
    assert _claims("Retain", "Delete", foreign).repairs(_tenant(condemned=False)) == ()
    assert _claims("Retain", "Delete", foreign).repairs(_tenant(condemned=True)) == (event,)
    assert _claims("Retain", "Delete", foreign).repairs(Tenant("web-1")) == (event,)


def test_writes_carry_uid_and_version() -> None:
    (patch,) = _claims("Retain", "Delete").repairs(_tenant(condemned=False))
    assert isinstance(patch, Patch)
    assert (patch.uid, patch.resource_version) == ("uid-data-web-1", "4")


def test_misfits_are_found_by_ordinal() -> None:
    claims = _claims("Retain", "Delete")
    pods = {1: make.snapshot(make.stateful_set(), make.pod("web-1")).pods[0]}
    assert claims.misfits(pods) == {1}
    assert claims.misfits({}) == frozenset()
    assert _claims("Retain", "Delete", SET | CONTROLLER).misfits(pods) == frozenset()


def test_a_claim_of_an_earlier_pod_is_stale_only_where_it_will_go() -> None:
    old = {**POD, "uid": "older"}
    assert _claims("Delete", "Retain", old).stale("web-1") is not None
    assert _claims("Retain", "Retain", old).stale("web-1") is None
    assert _claims("Delete", "Retain").stale("web-1") is None


def test_a_new_claim_has_the_template_s_labels_overlaid_by_the_selector_s() -> None:
    spec = read(make.stateful_set(volumeClaimTemplates=TEMPLATES))
    made = claim_document(spec, TEMPLATES[0], "data-web-2")
    assert made["metadata"] == {"name": "data-web-2", "namespace": "default", "labels": {"tier": "db", "app": "web"}}
    assert made["spec"] == {"accessModes": ["RWO"]}


def test_a_failed_creation_is_reported_for_claim_and_pod() -> None:
    (made,) = _claims("Retain", "Retain").creations(Tenant("web-2"))
    assert isinstance(made, Create)
    assert isinstance(made.on_failure, tuple)
    assert [event.message for event in made.on_failure] == [
        "create Claim data-web-2 for Pod web-2 in StatefulSet web failed error: {error}",
        "create Pod web-2 in StatefulSet web failed error: failed to create PVC data-web-2: {error}",
    ]
