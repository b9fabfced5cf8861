"""Revisions: bytes, hashes and names equal to a real API server's, and Go's way of writing JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from moorage.api import revisiondata

FIXTURES = Path(__file__).parents[2] / "fixtures"
VECTORS: list[dict[str, Any]] = json.loads((FIXTURES / "traces" / "revisions.json").read_text())["vectors"]
ARTICLE = (
    '{"spec":{"template":{"$patch":"replace","metadata":{"creationTimestamp":null,"labels":{"app":"myapp-pod"}},"spec":'
    '{"containers":[{"image":"ikubernetes/myapp:v5","imagePullPolicy":"IfNotPresent","name":"myapp","ports":[{"containerPort":80,'
    '"name":"web","protocol":"TCP"}],"resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":'
    '"File","volumeMounts":[{"mountPath":"/usr/share/nginx/html","name":"myappdata"}]}],"dnsPolicy":"ClusterFirst",'
    '"restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}}}'
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["about"] for vector in VECTORS])
def test_recorded_vectors(vector: dict[str, Any]) -> None:
    data = revisiondata.encode(revisiondata.data_of(vector["storedTemplate"]))
    assert data.decode() == vector["data"]
    assert revisiondata.hash_of(data, vector["collisionCount"]) == vector["nameHash"]
    assert revisiondata.hash_of(data, 0) == vector["hashLabel"]
    assert revisiondata.name_of(vector["set"]["metadata"]["name"], vector["nameHash"]) == vector["revisionName"]


def test_the_article() -> None:
    template = revisiondata.template_of(json.loads(ARTICLE))
    assert "$patch" not in template
    data = revisiondata.encode(revisiondata.data_of(template))
    assert data.decode() == ARTICLE
    assert revisiondata.name_of("myapp", revisiondata.hash_of(data, 0)) == "myapp-6c6b4f98d5"


def test_null_time_is_added_where_the_store_leaves_it_out() -> None:
    data = revisiondata.data_of({"metadata": {"labels": {"app": "x"}}, "spec": {"containers": []}})
    assert data["spec"]["template"]["metadata"] == {"creationTimestamp": None, "labels": {"app": "x"}}


def test_self_made_vector() -> None:
    data = b'{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},"spec":{"containers":[]}}}}'
    assert revisiondata.hash_of(data, 0) == "846b8647f4"
    assert revisiondata.hash_of(data, 1) == "846b8647f5"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, b"1"),
        (0.5, b"0.5"),
        (2**53 + 1, b"9007199254740992"),
        (True, b"true"),
        ("<&>\u2028", b'"\\u003c\\u0026\\u003e\\u2028"'),
        ("é\x01\n", '"é\\u0001\\n"'.encode()),
    ],
)
def test_go_writes(value: Any, written: bytes) -> None:
    assert revisiondata.encode({"b": value, "a": 0}) == b'{"a":0,"b":' + written + b"}"


def test_meaning_survives_another_version_s_way_of_writing() -> None:
    old = revisiondata.data_of({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c"}]}})
    new = json.loads(json.dumps(old))
    del new["spec"]["template"]["metadata"]["creationTimestamp"]
    assert not revisiondata.same(old, new)
    assert revisiondata.same_meaning(old, new)
    new["spec"]["template"]["spec"]["containers"][0]["name"] = "d"
    assert not revisiondata.same_meaning(old, new)


def test_long_names_are_cut() -> None:
    assert revisiondata.name_of("x" * 300, "abc") == "x" * 223 + "-abc"
