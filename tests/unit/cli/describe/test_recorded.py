"""Each object of `objects.yaml` is described in the very words of kubectl 1.32, recorded in `answers.txt`."""

import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from moorage.api import labels, yamltext
from moorage.api.refs import Document
from moorage.cli.output.describe import printers
from moorage.cli.output.describe.sheet import Around

HERE = Path(__file__).parent
NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
KINDS = {
    "po": "Pod", "sts": "StatefulSet", "svc": "Service", "ep": "Endpoints", "endpointslice": "EndpointSlice",
    "pvc": "PersistentVolumeClaim", "pv": "PersistentVolume", "sc": "StorageClass", "cm": "ConfigMap",
    "secret": "Secret", "sa": "ServiceAccount", "ns": "Namespace", "no": "Node", "lease": "Lease",
    "controllerrevision": "ControllerRevision", "event": "Event",
    "deploy": "Deployment", "rs": "ReplicaSet", "ds": "DaemonSet", "pdb": "PodDisruptionBudget",
    "quota": "ResourceQuota",
}  # fmt: skip


@cache
def objects() -> tuple[Document, ...]:
    found: list[Any] = list(yamltext.documents((HERE / "objects.yaml").read_text()))
    # The server that kubectl asked counts its writes from 100 on.
    for number, document in enumerate(found, 101):
        document["metadata"]["resourceVersion"] = str(number)
    return tuple(found)


def answers() -> list[tuple[str, str]]:
    pages = (HERE / "answers.txt").read_text().removeprefix("$ ").split("\n$ ")
    return [(page.partition("\n")[0], page.partition("\n")[2].rstrip("\n")) for page in pages]


def of(kind: str) -> list[Document]:
    return [document for document in objects() if document["kind"] == kind]


def related(document: Document) -> list[Document]:
    match document["kind"]:
        case "Deployment":
            return of("ReplicaSet")
        case "StatefulSet" | "ReplicaSet" | "DaemonSet":
            chosen = labels.from_document(document["spec"]["selector"])
            return [pod for pod in of("Pod") if chosen.matches(pod["metadata"].get("labels") or {})]
        case "Node":
            return [*(pod for pod in of("Pod") if pod["spec"].get("nodeName")), *of("Lease")]
        case "Service":
            owner = document["metadata"]["name"]
            return [one for one in of("EndpointSlice") if owner in one["metadata"]["labels"].values()]
        case _:
            return of("Pod")


@pytest.mark.parametrize(("words", "expected"), answers(), ids=lambda text: text.partition("\n")[0][:30])
def test_every_description_is_kubectls(words: str, expected: str) -> None:
    kind, name = KINDS[words.split(" ")[0]], words.split(" ")[1]
    document = next(one for one in of(kind) if one["metadata"]["name"] == name)
    uid = document["metadata"]["uid"]
    events = [event for event in of("Event") if event["involvedObject"]["uid"] == uid]
    text = printers.describe(document, Around(NOW, related(document)), events)
    assert text.rstrip("\n") == expected
