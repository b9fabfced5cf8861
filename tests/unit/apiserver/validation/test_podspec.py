"""Pod specs, containers and volumes: rules the recorded cases do not reach, in the tables beside this file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from moorage.api.refs import Document
from tests.unit.apiserver.validation.sample import CLAIM, of_container, of_spec


def _table(name: str) -> list[Any]:
    rows = yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text())
    return [pytest.param(row["fields"], row["errors"], id=f"{name}-{index}") for index, row in enumerate(rows)]


@pytest.mark.parametrize(("fields", "errors"), _table("podspecs"))
def test_a_spec_is_refused_in_upstreams_words(fields: Document, errors: list[str]) -> None:
    assert of_spec(**fields) == errors


@pytest.mark.parametrize(("fields", "errors"), _table("containers"))
def test_a_container_is_refused_in_upstreams_words(fields: Document, errors: list[str]) -> None:
    assert of_container(**fields) == errors


@pytest.mark.parametrize(("fields", "errors"), _table("volumes"))
def test_a_volume_is_refused_in_upstreams_words(fields: Document, errors: list[str]) -> None:
    found = of_spec(volumes=[{"name": "v", **fields}])
    assert [one.removeprefix("spec.volumes[0].") for one in found] == errors


def test_a_rule_for_every_operator_of_node_selectors() -> None:
    requirements = [
        {"key": "a", "operator": "In"},
        {"key": "a", "operator": "Exists", "values": ["b"]},
        {"key": "a", "operator": "Gt", "values": ["1", "2"]},
    ]
    fields = [{"key": "spec.x", "operator": "In", "values": ["n"]}, {"key": "metadata.name", "operator": "NotIn"}]
    required = {"nodeSelectorTerms": [{"matchExpressions": requirements, "matchFields": fields}]}
    found = of_spec(affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}})
    assert [one.partition("nodeSelectorTerms[0].")[2].partition(":")[0] for one in found] == [
        "matchExpressions[0].values",
        "matchExpressions[1].values",
        "matchExpressions[2].values",
        "matchFields[0].key",
        "matchFields[1].values",
    ]


def test_two_containers_cannot_have_one_host_port() -> None:
    port = {"containerPort": 80, "hostPort": 8080}
    both: list[Any] = [{"name": name, "image": "i", "ports": [port]} for name in ("a", "b")]
    assert of_spec(containers=both) == ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"']
    apart = [{"name": "a", "image": "i", "ports": [{**port, "hostIP": "10.0.0.1"}]}, both[1]]
    assert of_spec(containers=apart) == []


def test_a_volume_that_is_refused_cannot_be_mounted() -> None:
    container = {"name": "c", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
    found = of_spec(containers=[container], volumes=[{"name": "v", "secret": {}}, CLAIM])
    assert [one.partition(":")[0] for one in found] == [
        "spec.volumes[0].secret.secretName",
        "spec.containers[0].volumeMounts[0].name",
    ]
