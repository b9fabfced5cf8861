"""Metadata on create and update: rules the recorded cases do not reach."""

from typing import Any

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.validation import meta
from tests.unit.apiserver.validation.sample import texts


def _object(**metadata: Any) -> Document:
    return {"metadata": {"name": "x", "namespace": "default", **metadata}}


def _updated(**metadata: Any) -> list[str]:
    old = _object(uid="u", generation=2, finalizers=["example.com/a"], deletionTimestamp="2026-11-23T12:00:00Z")
    return texts(meta.updated({"metadata": {**old["metadata"], **metadata}}, old))


def test_a_generated_name_may_end_in_a_dash_but_not_be_bad() -> None:
    assert (
        texts(meta.created({"metadata": {"generateName": "web-", "namespace": "a", "name": "web-1"}}, names.dns_label))
        == []
    )
    (found,) = texts(meta.created(_object(generateName="Web-"), names.dns_label))
    assert found.startswith('metadata.generateName: Invalid value: "Web-": a lowercase RFC 1123 label')


def test_namespaces_go_with_the_scope() -> None:
    assert texts(meta.created({"metadata": {"name": "x"}}, names.dns_label)) == ["metadata.namespace: Required value"]
    found = texts(meta.created(_object(), names.dns_label, namespaced=False))
    assert found == ["metadata.namespace: Forbidden: not allowed on this type"]


def test_there_is_one_controller() -> None:
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": True}
    found = meta.created(_object(ownerReferences=[owner, {**owner, "name": "q"}]), names.dns_label)
    assert [one.detail for one in found] == [
        'Only one reference can have Controller set to true. Found "true" in references for Pod/p and Pod/q'
    ]


def test_orphan_and_foreground_exclude_each_other() -> None:
    (found,) = texts(meta.created(_object(finalizers=["orphan", "foregroundDeletion"]), names.dns_label))
    assert found.endswith("finalizer orphan and foregroundDeletion cannot be both set")


def test_identity_does_not_change() -> None:
    assert _updated(name="y") == ['metadata.name: Invalid value: "y": field is immutable']
    assert _updated(uid="v") == ['metadata.uid: Invalid value: "v": field is immutable']
    assert _updated(deletionTimestamp=None) == ['metadata.deletionTimestamp: Invalid value: "null": field is immutable']


def test_generation_never_falls() -> None:
    assert _updated(generation=1) == ["metadata.generation: Invalid value: 1: must not be decremented"]


def test_an_object_being_deleted_gets_no_new_finalizers() -> None:
    assert _updated(finalizers=[]) == []
    (found,) = _updated(finalizers=["example.com/a", "example.com/b"])
    assert found == (
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
        'found new finalizers []string{"example.com/b"}'
    )


def test_annotations_together_have_a_limit() -> None:
    big = {"a": "x" * (128 * 1024), "b": "x" * (128 * 1024)}
    assert texts(meta.created(_object(annotations=big), names.dns_label)) == [
        "metadata.annotations: Too long: may not be more than 262144 bytes"
    ]


def test_annotation_keys_may_have_capitals_in_their_prefix() -> None:
    assert meta.created(_object(annotations={"Example.com/A": ""}), names.dns_label) == []
