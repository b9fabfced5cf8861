"""What the gates fill in, warn of and refuse."""

from typing import Any

import pytest

from tests.fakes.apiserver import Asker, on_server, pod

PRIORITIES = "/apis/scheduling.k8s.io/v1/priorityclasses"
PODS = "/api/v1/namespaces/default/pods"
CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
SERVICES = "/api/v1/namespaces/default/services"
SETS = "/apis/apps/v1/namespaces/default/statefulsets"
MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def _claim(name: str, **spec: Any) -> dict[str, Any]:
    size = {"requests": {"storage": "1Gi"}}
    return {"metadata": {"name": name}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": size, **spec}}


def _class(name: str, **more: Any) -> dict[str, Any]:
    annotation = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {"metadata": {"name": name, "annotations": annotation}, "provisioner": "example.com/p", **more}


def test_pods_get_account_priority_and_tolerations() -> None:
    async def run(asker: Asker) -> None:
        spec = (await asker.post(PODS, pod("p")))["spec"]
        assert (spec["serviceAccountName"], spec["priority"], spec["preemptionPolicy"]) == (
            "default",
            0,
            "PreemptLowerPriority",
        )
        assert [one["tolerationSeconds"] for one in spec["tolerations"]] == [300, 300]
        (volume,) = spec["volumes"]
        (mount,) = spec["containers"][0]["volumeMounts"]
        assert volume["name"].startswith("kube-api-access-")
        assert mount == {"name": volume["name"], "readOnly": True, "mountPath": MOUNT}
        assert [list(source) for source in volume["projected"]["sources"]] == [
            ["serviceAccountToken"],
            ["configMap"],
            ["downwardAPI"],
        ]

    on_server(run)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"serviceAccountName": "x"}, 'error looking up service account default/x: serviceaccount "x" not found'),
        ({"priorityClassName": "x"}, "no PriorityClass with name x was found"),
        ({"priority": 5}, "the integer value of priority (5) must not be provided"),
    ],
)
def test_refused_pods(spec: dict[str, Any], message: str) -> None:
    async def run(asker: Asker) -> None:
        refused = await asker.post(PODS, pod("p", **spec))
        assert (refused["code"], refused["reason"]) == (403, "Forbidden")
        assert refused["message"].startswith('pods "p" is forbidden: ')
        assert message in refused["message"]

    on_server(run)


def _priority(name: str, value: int, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "value": value, **more}


def test_a_pod_takes_number_and_policy_of_its_class() -> None:
    async def run(asker: Asker) -> None:
        await asker.post(PRIORITIES, _priority("high", 77, preemptionPolicy="Never"))
        spec = (await asker.post(PODS, pod("p", priorityClassName="high")))["spec"]
        assert (spec["priority"], spec["preemptionPolicy"]) == (77, "Never")
        system = (await asker.post(PODS, pod("q", priorityClassName="system-node-critical")))["spec"]
        assert system["priority"] == 2_000_001_000

    on_server(run)


def test_the_default_class_is_one() -> None:
    async def run(asker: Asker) -> None:
        await asker.post(PRIORITIES, _priority("usual", 5, globalDefault=True))
        spec = (await asker.post(PODS, pod("p")))["spec"]
        assert (spec["priorityClassName"], spec["priority"]) == ("usual", 5)
        refused = await asker.post(PRIORITIES, _priority("other", 6, globalDefault=True))
        assert refused["code"] == 403
        assert "PriorityClass usual is already marked as default. Only one default can exist" in refused["message"]

    on_server(run)


def test_a_pod_may_do_without_a_token() -> None:
    async def run(asker: Asker) -> None:
        spec = (await asker.post(PODS, pod("p", automountServiceAccountToken=False)))["spec"]
        assert "volumes" not in spec

    on_server(run)


def test_namespaces() -> None:
    async def run(asker: Asker) -> None:
        missing = await asker.post("/api/v1/namespaces/nope/configmaps", {"metadata": {"name": "a"}})
        assert (missing["code"], missing["message"]) == (404, 'namespaces "nope" not found')
        kept = await asker.delete("/api/v1/namespaces/default")
        assert kept["message"] == 'namespaces "default" is forbidden: this namespace may not be deleted'

    on_server(run)


def test_claims_get_the_default_class_and_a_finalizer() -> None:
    async def run(asker: Asker) -> None:
        bare = await asker.post(CLAIMS, _claim("bare"))
        assert "storageClassName" not in bare["spec"]
        await asker.post(CLASSES, _class("fast"))
        made = await asker.post(CLAIMS, _claim("a"))
        assert made["spec"]["storageClassName"] == "fast"
        assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
        assert (await asker.post(CLAIMS, _claim("b", storageClassName="")))["spec"]["storageClassName"] == ""

    on_server(run)


def test_claims_grow_only_where_their_class_lets_them() -> None:
    async def run(asker: Asker) -> None:
        await asker.post(CLASSES, _class("fixed"))
        await asker.post(CLASSES, _class("soft", allowVolumeExpansion=True))
        bigger = {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}
        for name in ("fixed", "soft"):
            await asker.post(CLAIMS, _claim(name, storageClassName=name, volumeName="v"))
            unbound = await asker.merge(f"{CLAIMS}/{name}", bigger)
            assert unbound["code"] in (403, 422)
            await asker.merge(f"{CLAIMS}/{name}/status", {"status": {"phase": "Bound"}})
        assert "support resize" in (await asker.merge(f"{CLAIMS}/fixed", bigger))["message"]
        grown = await asker.merge(f"{CLAIMS}/soft", bigger)
        assert grown["spec"]["resources"]["requests"]["storage"] == "2Gi"

    on_server(run)


def test_a_set_whose_service_is_missing_is_warned_of_the_one_that_fits() -> None:
    async def run(asker: Asker) -> None:
        labels = {"app": "x"}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
        spec = {"serviceName": "wrong", "selector": {"matchLabels": labels}, "template": template}
        await asker.post(SERVICES, {"metadata": {"name": "right"}, "spec": {"clusterIP": "None", "selector": labels}})
        made = await asker.answer("POST", SETS, {"metadata": {"name": "x"}, "spec": spec})
        (warning,) = made.warnings
        assert warning == (
            'StatefulSet "x" names the Service "wrong", which does not exist: peer names will not resolve; '
            'the headless Service "right" selects these pods'
        )
        right = await asker.answer("POST", SETS, {"metadata": {"name": "y"}, "spec": {**spec, "serviceName": "right"}})
        assert right.warnings == ()

    on_server(run)


def test_services_get_addresses_nobody_else_has() -> None:
    async def run(asker: Asker) -> None:
        ports = {"ports": [{"port": 80}]}
        made = [
            await asker.post(SERVICES, {"metadata": {"name": f"s{n}"}, "spec": {"type": "NodePort", **ports}})
            for n in range(5)
        ]
        addresses = {service["spec"]["clusterIP"] for service in made}
        assert len(addresses) == 5
        assert len({service["spec"]["ports"][0]["nodePort"] for service in made}) == 5
        taken = made[0]["spec"]["clusterIP"]
        again = await asker.post(SERVICES, {"metadata": {"name": "t"}, "spec": {"clusterIP": taken, **ports}})
        assert again["details"]["causes"][0]["message"] == (
            f'Invalid value: ["{taken}"]: failed to allocate IP {taken}: provided IP is already allocated'
        )
        outside = await asker.post(SERVICES, {"metadata": {"name": "t"}, "spec": {"clusterIP": "10.0.0.1", **ports}})
        assert "is not in the valid range" in outside["message"]
        await asker.delete(f"{SERVICES}/s0")
        reused = await asker.post(SERVICES, {"metadata": {"name": "t"}, "spec": {"clusterIP": taken, **ports}})
        assert reused["spec"]["clusterIP"] == taken

    on_server(run)
