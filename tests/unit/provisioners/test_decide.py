"""A claim gets a volume when it is its turn, and only from the provisioner it names."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from moorage.provisioners import decide
from moorage.provisioners.backends.local import PROVISIONER, LocalBackend
from moorage.provisioners.decide import Owed, Refused

BACKEND = LocalBackend(Path("/volumes"), ("node-0", "node-1"))
ASKED = {"volume.kubernetes.io/storage-provisioner": PROVISIONER}
CHOSEN = {**ASKED, "volume.kubernetes.io/selected-node": "node-1"}


def claim(annotations: dict[str, str], **spec: Any) -> PersistentVolumeClaim:
    document = {
        "metadata": {"name": "data-web-0", "namespace": "prod", "uid": "u1", "annotations": annotations},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "2Gi"}},
            "storageClassName": "local",
            **spec,
        },
    }
    return msgspec.convert(document, PersistentVolumeClaim)


def storage_class(mode: str = "WaitForFirstConsumer", provisioner: str = PROVISIONER) -> StorageClass:
    document = {"metadata": {"name": "local"}, "provisioner": provisioner, "volumeBindingMode": mode}
    return msgspec.convert(document, StorageClass)


def nodes_of(owed: Owed) -> list[str]:
    terms = owed.document["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    values: list[str] = terms[0]["matchExpressions"][0]["values"]
    return values


def test_the_volume_lies_on_the_chosen_node() -> None:
    owed = decide.provision(claim(CHOSEN), storage_class(), BACKEND)
    assert isinstance(owed, Owed)
    assert (owed.volume.name, owed.volume.size_bytes, nodes_of(owed)) == ("pvc-u1", 2 << 30, ["node-1"])
    assert owed.document["spec"]["claimRef"]["uid"] == "u1"
    assert owed.document["spec"]["local"] == {"path": "/volumes/pvc-u1"}
    assert owed.document["metadata"]["annotations"] == {"pv.kubernetes.io/provisioned-by": PROVISIONER}


def test_bound_before_a_pod_exists_it_suits_every_node_of_the_machine() -> None:
    owed = decide.provision(claim(ASKED), storage_class("Immediate"), BACKEND)
    assert isinstance(owed, Owed)
    assert nodes_of(owed) == ["node-0", "node-1"]


@pytest.mark.parametrize(
    ("annotations", "spec", "found"),
    [
        ({}, {}, storage_class()),
        ({"volume.kubernetes.io/storage-provisioner": "other"}, {}, storage_class()),
        (ASKED, {}, storage_class()),
        (CHOSEN, {"volumeName": "pv-1"}, storage_class()),
        (CHOSEN, {}, None),
        (CHOSEN, {}, storage_class(provisioner="other")),
    ],
)
def test_not_its_turn(annotations: dict[str, str], spec: dict[str, Any], found: StorageClass | None) -> None:
    assert decide.provision(claim(annotations, **spec), found, BACKEND) is None


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"volumeMode": "Block"}, "volumeMode Block is not supported"),
        ({"selector": {"matchLabels": {"a": "b"}}}, "claim Selector is not supported"),
        ({"accessModes": ["Bogus"]}, "access mode Bogus is not supported"),
    ],
)
def test_refuses_with_a_reason(spec: dict[str, Any], text: str) -> None:
    refused = decide.provision(claim(CHOSEN, **spec), storage_class(), BACKEND)
    assert isinstance(refused, Refused)
    assert text in refused.message


@pytest.mark.parametrize(
    ("phase", "policy", "by", "expected"),
    [
        ("Released", "Delete", PROVISIONER, True),
        ("Bound", "Delete", PROVISIONER, False),
        ("Released", "Retain", PROVISIONER, False),
        ("Released", "Delete", "other", False),
    ],
)
def test_only_released_volumes_of_its_own_are_erased(phase: str, policy: str, by: str, *, expected: bool) -> None:
    document = {
        "metadata": {"name": "pvc-u1", "annotations": {"pv.kubernetes.io/provisioned-by": by}},
        "spec": {"persistentVolumeReclaimPolicy": policy},
        "status": {"phase": phase},
    }
    assert decide.erasable(msgspec.convert(document, PersistentVolume), BACKEND) is expected
