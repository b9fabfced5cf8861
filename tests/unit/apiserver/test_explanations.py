"""`explanations.moorage.dev`: discoverable, read-only, and told only to those who may see the object itself."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from moorage.apiserver.auth.attributes import Attributes
from moorage.apiserver.auth.authorizer import Authorizer
from moorage.apiserver.handlers import explain
from moorage.apiserver.settings import ServerSettings
from moorage.base.errors import ApiError
from moorage.client.ports import User
from tests.fakes.apiserver import Asker, on_server, pod

WHY = "/apis/moorage.dev/v1"
NODE = User("system:node:n1", ("system:nodes", "system:authenticated"))
NOBODY = User("joe", ("system:authenticated",))
STORY = [{"controller": "default-scheduler", "gates": [{"details": ["n1: Insufficient cpu"]}]}]


async def _refused_pod(asker: Asker) -> None:
    await asker.post("/api/v1/namespaces/default/pods", pod("web-0"))
    message = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No victims."
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    await asker.merge("/api/v1/namespaces/default/pods/web-0/status", {"status": {"conditions": [condition]}})


def test_discovery_lists_it() -> None:
    async def run(asker: Asker) -> None:
        groups = await asker.get("/apis")
        assert "moorage.dev" in [group["name"] for group in groups["groups"]]
        (row,) = (await asker.get(WHY))["resources"]
        assert (row["name"], row["kind"], row["shortNames"]) == ("explanations", "Explanation", ["why"])
        assert row["verbs"] == ["get", "list"]
        answer = await asker.answer("GET", "/openapi/v3/apis/moorage.dev/v1")
        assert isinstance(answer.body, bytes)
        schemas = json.loads(answer.body)["components"]["schemas"]
        references = set(re.findall(r"#/components/schemas/([\w.]+)", answer.body.decode()))
        assert references == set(schemas)
        (kind,) = schemas["dev.moorage.v1.Explanation"]["x-kubernetes-group-version-kind"]
        assert kind["kind"] == "Explanation"

    on_server(run)


@pytest.mark.parametrize("name", ["pod.web-0", "pods.web-0", "po.web-0"])
def test_one(name: str) -> None:
    async def run(asker: Asker) -> None:
        await _refused_pod(asker)
        found = await asker.get(f"{WHY}/namespaces/default/explanations/{name}?plans=true")
        (gate,) = found["gates"]
        assert (found["kind"], found["metadata"]["name"]) == ("Explanation", "pod.web-0")
        assert (gate["gate"], gate["culprit"]["name"]) == ("ResourcesInsufficient", "web-0")
        assert gate["evidence"] == "0/1 nodes are available: 1 Insufficient cpu."
        assert gate["details"] == ["n1: Insufficient cpu"]
        assert found["plans"] == STORY

    on_server(run, ServerSettings(plans=lambda kind, key: STORY if (kind, key.name) == ("Pod", "web-0") else []))


def test_lists_select_and_become_tables() -> None:
    async def run(asker: Asker) -> None:
        await _refused_pod(asker)
        path = f"{WHY}/namespaces/default/explanations"
        listed = await asker.get(f"{path}?fieldSelector=state!%3DSettled".replace("%3D", "="))
        assert [one["metadata"]["name"] for one in listed["items"]] == ["pod.web-0"]
        table = await asker.get(path, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
        assert [column["name"] for column in table["columnDefinitions"]][:4] == ["Name", "State", "Gate", "Culprit"]
        assert ["pod.web-0", "ResourcesInsufficient"] in [row["cells"][::2][:2] for row in table["rows"]]

    on_server(run)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "namespaces/default/explanations/pod.nope", 404),
        ("GET", "namespaces/default/explanations/node.n1", 404),
        ("GET", "namespaces/default/explanations/web", 404),
        ("GET", "explanations?watch=true", 405),
        ("POST", "namespaces/default/explanations", 405),
        ("DELETE", "namespaces/default/explanations/pod.web-0", 405),
        ("GET", "explanations?fieldSelector=colour=red", 400),
    ],
)
def test_what_it_refuses(method: str, path: str, code: int) -> None:
    async def run(asker: Asker) -> None:
        assert (await asker.answer(method, f"{WHY}/{path}", {})).code == code

    on_server(run)


@pytest.mark.parametrize("user", [NODE, NOBODY])
def test_who_may_not_see_the_object_is_told_nothing(user: User) -> None:
    async def run(asker: Asker) -> Any:
        await _refused_pod(asker)
        other = Asker(asker.core, user)
        assert (await other.answer("GET", f"{WHY}/namespaces/default/explanations/pod.web-0")).code == 403
        assert (await other.answer("GET", f"{WHY}/explanations")).code == 403

    on_server(run)


class _NoPods(Authorizer):
    """Everybody may do everything, but not with pods."""

    def allows(self, user: User, wanted: Attributes) -> bool:
        return wanted.resource != "pods"


def test_a_right_to_explanations_is_no_right_to_the_objects() -> None:
    async def run(asker: Asker) -> None:
        await _refused_pod(asker)
        services = replace(asker.core.services, authorizer=_NoPods(asker.core.services.cache))
        path = f"{WHY}/namespaces/default/explanations"
        listed = await explain.listing(asker.core.admitted(asker.request("GET", path)), services)
        assert "pod.web-0" not in [one["metadata"]["name"] for one in listed.document()["items"]]
        with pytest.raises(ApiError, match='pods "web-0" is forbidden'):
            await explain.get(asker.core.admitted(asker.request("GET", f"{path}/pod.web-0")), services)

    on_server(run)
