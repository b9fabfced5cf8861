"""Protobuf bodies as kubectl 1.32 sent them (recorded), and broken ones."""

import pytest

from moorage.api import decode
from moorage.api.decode import BadDocument, Expected
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table
from moorage.apiserver import protobuf

WIRE = load_wire_table()
SCHEMAS = Schemas(load_definitions(), WIRE)
NAMESPACE = (
    "6b3873000a0f0a02763112094e616d657370616365121c0a140a0464656d6f12001a0022002a0032003800420012001a020a001a002200"
)
CONFIGMAP = (
    "6b3873000a0f0a0276311209436f6e6669674d617012230a120a02636d12001a0022002a0032003800420012060a016112016212050a01"
    "6312001a002200"
)
BINARY = (
    "6b3873000a0f0a0276311209436f6e6669674d617012210a130a03636d6212001a0022002a003200380042001a0a0a0362696e120300ff"
    "011a002200"
)
DEPLOYMENT = (
    "6b3873000a150a07617070732f7631120a4465706c6f796d656e7412b8010a1f0a0377656212001a0022002a003200380042005a0a0a03"
    "61707012037765621286010800120c0a0a0a0361707012037765621a6c0a1c0a0012001a0022002a003200380042005a0a0a0361707012"
    "03776562124c122e0a056e67696e7812056e67696e782a00320a0a001000185022002a0042006a007200800100880100900100a201001a"
    "00320042004a0052005800600068008201008a01009a0100c2010022020a00280038001a0c0800100018002000280038001a002200"
)
PDB = (
    "6b3873000a200a09706f6c6963792f76311213506f6444697372757074696f6e42756467657412360a110a017012001a0022002a003200"
    "3800420012150a09080110001a0335302512080a060a01611201621a0a080018002000280030001a002200"
)


def _decoded(text: str, definition: str) -> dict[str, object]:
    body = protobuf.decode(bytes.fromhex(text), WIRE, definition)
    expected = Expected(body["apiVersion"], body["kind"], SCHEMAS.table(definition))
    return decode.accept(body, expected, "Strict").document


def test_zero_values_of_go_vanish() -> None:
    made = _decoded(NAMESPACE, "io.k8s.api.core.v1.Namespace")
    assert made == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}, "spec": {}, "status": {}}


def test_maps_keep_empty_values_and_bytes_become_base64() -> None:
    made = _decoded(CONFIGMAP, "io.k8s.api.core.v1.ConfigMap")
    assert made["data"] == {"a": "b", "c": ""}
    assert _decoded(BINARY, "io.k8s.api.core.v1.ConfigMap")["binaryData"] == {"bin": "AP8B"}


def test_pointers_keep_their_zero() -> None:
    spec = _decoded(DEPLOYMENT, "io.k8s.api.apps.v1.Deployment")["spec"]
    container = {"name": "nginx", "image": "nginx", "ports": [{"containerPort": 80}], "resources": {}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    selector = {"matchLabels": {"app": "web"}}
    assert spec == {"replicas": 0, "selector": selector, "template": template, "strategy": {}}


def test_numbers_or_text_and_quantities() -> None:
    made = _decoded(PDB, "io.k8s.api.policy.v1.PodDisruptionBudget")
    assert made["spec"] == {"minAvailable": "50%", "selector": {"matchLabels": {"a": "b"}}}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{}", "expected prefix"),
        (b"k8s\0\x0a\xff", "unexpected EOF"),
        (b"k8s\0\x12\x05abc", "unexpected EOF"),
        (b"k8s\0\x12\x01\x0b", "illegal wireType 3"),
        (b"k8s\0\x12\x03\x0a\x01\x08", "unexpected EOF"),
        (b"k8s\0\x12\x02\x0a\x7f", "unexpected EOF"),
        (b"k8s\0\x12\x02\x08\x01", "wrong wireType"),
    ],
)
def test_broken_bodies_are_refused(body: bytes, text: str) -> None:
    with pytest.raises(BadDocument, match=text):
        protobuf.decode(body, WIRE, "io.k8s.api.core.v1.ConfigMap")


def test_a_kind_without_numbers_says_what_to_send() -> None:
    with pytest.raises(BadDocument, match="send JSON"):
        protobuf.decode(bytes.fromhex(NAMESPACE), WIRE, "io.k8s.api.core.v1.Nothing")
