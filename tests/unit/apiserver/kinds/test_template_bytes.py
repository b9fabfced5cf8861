"""The template of the article's manifest, byte for byte: its hash names the revision (fact sheet statefulset.md 1.4)."""

import json
from pathlib import Path

import yaml

from moorage.api import scheme
from moorage.api.refs import Document
from tests.unit.apiserver.kinds import goldens

MANIFEST = Path(__file__).resolve().parents[3] / "fixtures" / "manifests" / "article.yaml"
DATA = (
    '{"spec":{"template":{"$patch":"replace","metadata":{"creationTimestamp":null,"labels":{"app":"myapp-pod"}},'
    '"spec":{"containers":[{"image":"ikubernetes/myapp:v5","imagePullPolicy":"IfNotPresent","name":"myapp",'
    '"ports":[{"containerPort":80,"name":"web","protocol":"TCP"}],"resources":{},'
    '"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",'
    '"volumeMounts":[{"mountPath":"/usr/share/nginx/html","name":"myappdata"}]}],"dnsPolicy":"ClusterFirst",'
    '"restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},'
    '"terminationGracePeriodSeconds":30}}}}'
)
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def _fnv1(data: bytes) -> int:
    found = 0x811C9DC5
    for byte in data:
        found = (found * 0x01000193) % 2**32 ^ byte
    return found


def _revision_data() -> str:
    manifest = next(one for one in yaml.safe_load_all(MANIFEST.read_text()) if one["kind"] == "StatefulSet")
    path = scheme.STATEFULSETS.path("default")
    document = goldens.once_defaulted({"method": "POST", "path": path, "body": manifest})
    template: Document = document["spec"]["template"]
    metadata = {"creationTimestamp": None, **template["metadata"]}
    data = {"spec": {"template": {"$patch": "replace", **template, "metadata": metadata}}}
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def test_template_has_the_bytes_a_real_server_stores() -> None:
    assert _revision_data() == DATA


def test_revision_hash_is_the_one_the_article_shows() -> None:
    number = str(_fnv1(_revision_data().encode() + b"0"))
    assert "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in number) == "6c6b4f98d5"
