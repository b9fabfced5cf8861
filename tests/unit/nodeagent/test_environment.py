"""What a container is given: environment, command, mounts, users."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from moorage.base.errors import RuntimeFailure
from moorage.nodeagent import configs, environment, security
from moorage.nodeagent.environment import Sources, expand
from moorage.nodeagent.fields import PodFacts
from moorage.nodeagent.plan import Start
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.ports import RuntimeImage
from moorage.nodeagent.starter import with_api
from tests.unit.nodeagent.kit import SETTINGS, pod

FACTS = PodFacts("192.0.2.10", ("10.42.0.2",), node_cpu_millis=4000, node_memory_bytes=8 << 30)
CONFIG = {"kind": "ConfigMap", "metadata": {"name": "cm"}, "data": {"a": "1", "B": "2", "bad key": "3"}}
SECRET = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"k": base64.b64encode(b"hush").decode()}}
SOURCES = Sources({("configmaps", "cm"): CONFIG, ("secrets", "s"): SECRET, ("configmaps", "none"): None})


def with_env(*env: dict[str, Any], **fields: Any) -> Pod:
    return pod(containers=[{"name": "web", "image": "busybox:1", "env": list(env), **fields}])


def build(one: Pod, sources: Sources = SOURCES) -> dict[str, str]:
    return environment.build(one, one.spec.containers[0], sources, FACTS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("$(A)-x", "1-x"), ("$(B)", "$(B)"), ("$$(A)", "$(A)"), ("$A", "$A"), ("$(A", "$(A"), ("a$$b", "a$b")],
)
def test_expansion(text: str, shown: str) -> None:
    assert expand(text, {"A": "1"}) == shown


def test_values_may_use_earlier_ones() -> None:
    one = with_env({"name": "A", "value": "1"}, {"name": "B", "value": "$(A)$(C)"}, {"name": "C", "value": "3"})
    assert build(one) == {"A": "1", "B": "1$(C)", "C": "3"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "web-0"),
        ("metadata.namespace", "default"),
        ("metadata.uid", "web-0-uid"),
        ("spec.nodeName", "node-0"),
        ("status.podIP", "10.42.0.2"),
        ("status.hostIP", "192.0.2.10"),
    ],
)
def test_the_downward_api_by_field(path: str, value: str) -> None:
    assert build(with_env({"name": "V", "valueFrom": {"fieldRef": {"fieldPath": path}}})) == {"V": value}


@pytest.mark.parametrize(
    ("resource", "divisor", "value"),
    [
        ("limits.memory", "1Mi", "64"),
        ("limits.cpu", "1m", "4000"),
        ("requests.cpu", "1", "1"),
        ("requests.memory", "", "0"),
    ],
)
def test_the_downward_api_by_resource(resource: str, divisor: str, value: str) -> None:
    reference = {"resource": resource, "divisor": divisor}
    resources = {"limits": {"memory": "64Mi"}, "requests": {"cpu": "250m"}}
    one = with_env({"name": "V", "valueFrom": {"resourceFieldRef": reference}}, resources=resources)
    assert build(one) == {"V": value}


def test_config_maps_and_secrets() -> None:
    one = with_env(
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "a"}}},
        {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "O", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "a", "optional": True}}},
        envFrom=[{"prefix": "P_", "configMapRef": {"name": "cm"}}],
    )
    assert build(one) == {"P_B": "2", "P_a": "1", "A": "1", "S": "hush"}
    assert environment.references(one.spec.containers[0]) == {
        ("configmaps", "cm"),
        ("configmaps", "none"),
        ("secrets", "s"),
    }


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ({"configMapKeyRef": {"name": "none", "key": "a"}}, 'configmap "none" not found'),
        ({"configMapKeyRef": {"name": "cm", "key": "z"}}, "couldn't find key z in ConfigMap default/cm"),
        ({"secretKeyRef": {"name": "s", "key": "z"}}, "couldn't find key z in Secret default/s"),
    ],
)
def test_what_is_missing_is_a_config_error(origin: dict[str, Any], text: str) -> None:
    with pytest.raises(RuntimeFailure) as caught:
        build(with_env({"name": "V", "valueFrom": origin}))
    assert (caught.value.reason, caught.value.message) == ("CreateContainerConfigError", text)


def service(name: str, ip: str, namespace: str = "default") -> dict[str, Any]:
    ports = [{"name": "web", "port": 80, "protocol": "TCP"}]
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"clusterIP": ip, "ports": ports}}


def test_services_are_named_unless_headless_or_unwanted() -> None:
    sources = Sources(services=[service("my-db", "10.43.0.7"), service("headless", "None")])
    found = build(with_env(), sources)
    assert found["MY_DB_SERVICE_HOST"] == "10.43.0.7"
    assert found["MY_DB_SERVICE_PORT_WEB"] == "80"
    assert found["MY_DB_PORT_80_TCP"] == "tcp://10.43.0.7:80"
    assert not any(name.startswith("HEADLESS") for name in found)
    quiet = pod(enableServiceLinks=False)
    sources = Sources(services=[service("my-db", "10.43.0.7"), service("kubernetes", "10.43.0.1")])
    assert set(build(quiet, sources)) == {name for name in build(quiet, sources) if name.startswith("KUBERNETES_")}
    assert build(quiet, sources)["KUBERNETES_SERVICE_HOST"] == "10.43.0.1"


def test_the_command_is_expanded_and_the_marks_are_set() -> None:
    one = with_env({"name": "A", "value": "1"}, command=["run", "$(A)"], args=["$(NO)"])
    prepared = configs.Prepared(build(one))
    made = configs.container_config(one, one.spec.containers[0], Start("web", 2, 20.0), prepared, SETTINGS, 1)
    assert (made.command, made.args) == (("run", "1"), ("$(NO)",))
    assert made.log_name == "web/2.log"
    assert made.annotations["moorage.dev/restart-delay"] == "20"
    assert made.annotations["moorage.dev/sandbox-attempt"] == "1"


def test_a_sandbox_config_is_the_same_every_time_and_remembers_the_pod() -> None:
    one = pod(hostname="h", subdomain="db")
    made = configs.sandbox_config(one, SETTINGS, 0, "/logs")
    assert made == configs.sandbox_config(one, SETTINGS, 0, "/logs")
    assert (made.hostname, made.cgroup_parent) == ("h", "/kubepods/besteffort/podweb-0-uid")
    assert '"name":"web-0"' in made.annotations["moorage.dev/pod"]


def test_host_networking_has_no_hostname_of_its_own() -> None:
    made = configs.sandbox_config(pod(hostNetwork=True), SETTINGS, 0, "")
    assert (made.hostname, made.host_network) == ("", True)


def test_the_container_s_security_wins_over_the_pod_s() -> None:
    own = {"runAsUser": 5, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    whole = {"runAsUser": 1, "runAsGroup": 2, "fsGroup": 3, "supplementalGroups": [4]}
    one = pod(securityContext=whole, containers=[{"name": "web", "image": "i", "securityContext": own}])
    made = security.container_security(one, one.spec.containers[0])
    assert (made.run_as_user, made.run_as_group, made.supplemental_groups) == (5, 2, (4, 3))
    assert made.no_new_privileges
    assert made.drop_capabilities == ("ALL",)


@pytest.mark.parametrize(("user", "refused"), [(0, True), (None, True), (1000, False)])
def test_run_as_non_root_looks_at_the_image(user: int | None, *, refused: bool) -> None:
    one = pod(securityContext={"runAsNonRoot": True})
    image = RuntimeImage("i", (), (), 1, user=user, user_name="nginx")
    if not refused:
        assert security.check_user(one, one.spec.containers[0], image) is None
        return
    with pytest.raises(RuntimeFailure) as caught:
        security.check_user(one, one.spec.containers[0], image)
    assert caught.value.reason == "CreateContainerConfigError"


def test_the_api_is_named_by_the_address_that_pods_of_this_node_reach() -> None:
    known = [service("kubernetes", "10.43.0.1"), service("db", "10.43.0.7")]
    assert with_api(known, SETTINGS) == known
    found = with_api(known, replace(SETTINGS, api_host="192.0.2.1", api_port=6443))
    assert build(pod(), Sources(services=found))["KUBERNETES_SERVICE_HOST"] == "192.0.2.1"
    assert build(pod(), Sources(services=found))["KUBERNETES_SERVICE_PORT"] == "6443"
