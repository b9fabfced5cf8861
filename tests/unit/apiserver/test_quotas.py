"""Admission by quota: what fits is let in, what does not is refused in upstream's words."""

import asyncio
from typing import Any

from moorage.api.refs import Document
from tests.fakes.apiserver import Asker, on_server, pod

BASE = "/api/v1/namespaces/default"


async def _quota(asker: Asker, hard: Document, name: str = "q", **spec: Any) -> None:
    """Make a quota whose controller has looked at an empty namespace."""
    await asker.post(f"{BASE}/resourcequotas", {"metadata": {"name": name}, "spec": {"hard": hard, **spec}})
    known = {"hard": hard, "used": dict.fromkeys(hard, "0")}
    await asker.merge(f"{BASE}/resourcequotas/{name}/status", {"status": known})


def _asking(name: str, cpu: str) -> Document:
    made = pod(name)
    made["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    return made


def test_the_last_place_is_given_once() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"pods": "2"})
        answers = await asyncio.gather(*(asker.post(f"{BASE}/pods", pod(f"p{number}")) for number in range(6)))
        refused = [answer for answer in answers if answer["kind"] == "Status"]
        assert len(refused) == 4
        assert {answer["code"] for answer in refused} == {403}
        name = refused[0]["details"]["name"]
        assert refused[0]["message"] == (
            f'pods "{name}" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'
        )
        await asker.merge(f"{BASE}/pods/{_first(answers)}/status", {"status": {"phase": "Succeeded"}})
        assert (await asker.post(f"{BASE}/pods", pod("next")))["kind"] == "Pod"

    on_server(run)


def _first(answers: list[Document]) -> str:
    return str(next(answer["metadata"]["name"] for answer in answers if answer["kind"] == "Pod"))


def test_amounts_are_told_for_what_is_exceeded_only() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"pods": "5", "requests.cpu": "2"})
        await asker.post(f"{BASE}/pods", _asking("a", "1500m"))
        answer = await asker.post(f"{BASE}/pods", _asking("b", "600m"))
        assert answer["message"].endswith(
            "exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=1500m, limited: requests.cpu=2"
        )
        assert (await asker.post(f"{BASE}/pods", _asking("c", "500m")))["kind"] == "Pod"

    on_server(run)


def test_a_pod_must_say_what_is_counted() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"limits.memory": "1Gi", "requests.cpu": "2"})
        answer = await asker.post(f"{BASE}/pods", pod("a"))
        assert answer["message"] == (
            'pods "a" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c'
        )

    on_server(run)


def test_a_quota_nobody_has_looked_at_limits_nothing_and_one_half_known_says_so() -> None:
    async def run(asker: Asker) -> None:
        hard = {"pods": "0"}
        await asker.post(f"{BASE}/resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": hard}})
        assert (await asker.post(f"{BASE}/pods", pod("a")))["kind"] == "Pod"
        await asker.merge(f"{BASE}/resourcequotas/q/status", {"status": {"hard": hard}})
        answer = await asker.post(f"{BASE}/pods", pod("b"))
        assert answer["message"] == 'pods "b" is forbidden: status unknown for quota: q, resources: pods'

    on_server(run)


def test_a_larger_claim_costs_the_difference() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"requests.storage": "3Gi", "persistentvolumeclaims": "1"})
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        claims = f"{BASE}/persistentvolumeclaims"
        await asker.post(claims, {"metadata": {"name": "a"}, "spec": spec})
        second = await asker.post(claims, {"metadata": {"name": "b"}, "spec": spec})
        assert "requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1" in second["message"]
        assert (await asker.merge(f"{claims}/a", {"metadata": {"labels": {"x": "y"}}}))["kind"] != "Status"

    on_server(run)


def test_services_cost_node_ports_when_they_change_too() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"services.nodeports": "1"})
        ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
        await asker.post(f"{BASE}/services", {"metadata": {"name": "s"}, "spec": {"ports": ports}})
        answer = await asker.merge(f"{BASE}/services/s", {"spec": {"type": "NodePort"}})
        assert answer["message"] == (
            'services "s" is forbidden: exceeded quota: q, '
            "requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1"
        )

    on_server(run)


def test_what_an_object_cost_before_is_not_counted_twice() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"services.nodeports": "3"})
        ports = [{"name": name, "port": number} for number, name in enumerate("abc", 80)]
        spec = {"type": "NodePort", "ports": ports[:2]}
        await asker.post(f"{BASE}/services", {"metadata": {"name": "s"}, "spec": spec})
        answer = await asker.merge(f"{BASE}/services/s", {"spec": {"ports": ports}})
        assert answer["kind"] == "Service"

    on_server(run)


def test_pods_outside_its_scope_are_none_of_its_business() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"pods": "0"}, scopes=["Terminating"])
        assert (await asker.post(f"{BASE}/pods", pod("a")))["kind"] == "Pod"
        answer = await asker.post(f"{BASE}/pods", pod("b", activeDeadlineSeconds=60))
        assert answer["code"] == 403

    on_server(run)


def test_a_dry_run_is_judged_and_takes_nothing() -> None:
    async def run(asker: Asker) -> None:
        await _quota(asker, {"pods": "1"})
        assert (await asker.post(f"{BASE}/pods?dryRun=All", pod("a")))["kind"] == "Pod"
        assert (await asker.post(f"{BASE}/pods", pod("a")))["kind"] == "Pod"
        assert (await asker.post(f"{BASE}/pods?dryRun=All", pod("b")))["code"] == 403

    on_server(run)


def test_a_quota_is_validated_and_shown() -> None:
    async def run(asker: Asker) -> None:
        bad = {"hard": {"lions": "1", "pods": "1500m"}, "scopes": ["Terminating", "NotTerminating"]}
        answer = await asker.post(f"{BASE}/resourcequotas", {"metadata": {"name": "q"}, "spec": bad})
        assert [cause["field"] for cause in answer["details"]["causes"]] == [
            "spec.hard[lions]",
            "spec.hard[pods]",
            "spec.scopes",
        ]
        await _quota(asker, {"pods": "4", "limits.cpu": "1"})
        changed = await asker.merge(f"{BASE}/resourcequotas/q", {"spec": {"scopes": ["BestEffort"]}})
        assert "field is immutable" in changed["message"]
        table = await asker.get(f"{BASE}/resourcequotas", accept="application/json;as=Table;v=v1;g=meta.k8s.io")
        assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Age", "Request", "Limit"]
        assert table["rows"][0]["cells"][2:] == ["pods: 0/4", "limits.cpu: 0/1"]

    on_server(run)
