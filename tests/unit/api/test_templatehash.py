"""Hashes of pod templates are those of real 1.32 clusters; every printed shape is Go's."""

import copy
from typing import Any

import pytest

from moorage.api import templatehash
from moorage.api.refs import Document
from moorage.api.schemadata import load_definitions
from moorage.api.templatehash.layout import STRUCTS
from moorage.api.templatehash.printing import printed
from moorage.api.templatehash.quantities import quantity
from moorage.apiserver.defaulting.pod import default_template

_CORE, _META = "io.k8s.api.core.v1", "io.k8s.apimachinery.pkg.apis.meta.v1"
NGINX: Document = {
    "metadata": {"labels": {"app": "nginx"}},
    "spec": {"containers": [{"name": "nginx", "image": "nginx", "resources": {}}]},
}
"""What `kubectl create deployment nginx --image=nginx` makes: `nginx-5869d7778c` on every 1.32."""

_TERM = {
    "labelSelector": {"matchExpressions": [{"key": "k8s-app", "operator": "In", "values": ["kube-dns"]}]},
    "topologyKey": "kubernetes.io/hostname",
}
COREDNS: Document = {
    "metadata": {"labels": {"k8s-app": "kube-dns"}},
    "spec": {
        "priorityClassName": "system-cluster-critical",
        "serviceAccountName": "coredns",
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": _TERM}]
            }
        },
        "tolerations": [
            {"key": "CriticalAddonsOnly", "operator": "Exists"},
            {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
        ],
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "containers": [
            {
                "name": "coredns",
                "image": "registry.k8s.io/coredns/coredns:v1.11.3",
                "imagePullPolicy": "IfNotPresent",
                "resources": {"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}},
                "args": ["-conf", "/etc/coredns/Corefile"],
                "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": True}],
                "ports": [
                    {"containerPort": 53, "name": "dns", "protocol": "UDP"},
                    {"containerPort": 53, "name": "dns-tcp", "protocol": "TCP"},
                    {"containerPort": 9153, "name": "metrics", "protocol": "TCP"},
                ],
                "livenessProbe": {
                    "httpGet": {"path": "/health", "port": 8080, "scheme": "HTTP"},
                    "initialDelaySeconds": 60,
                    "timeoutSeconds": 5,
                    "successThreshold": 1,
                    "failureThreshold": 5,
                },
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181, "scheme": "HTTP"}},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
            }
        ],
        "dnsPolicy": "Default",
        "volumes": [
            {
                "name": "config-volume",
                "configMap": {"name": "coredns", "items": [{"key": "Corefile", "path": "Corefile"}]},
            }
        ],
    },
}
"""kubeadm's cluster DNS: `coredns-668d6bf9bc` on every 1.32."""


SECRET_KEY = (
    "(v1.SecretKeySelector){LocalObjectReference:(v1.LocalObjectReference){Name:(string)s} "
    "Key:(string)k Optional:(*bool)true}"
)


@pytest.mark.parametrize(("template", "expected"), [(NGINX, "5869d7778c"), (COREDNS, "668d6bf9bc")])
def test_hashes_of_real_clusters(template: Document, expected: str) -> None:
    stored = copy.deepcopy(template)
    default_template(stored)
    assert templatehash.hash_of(stored) == expected


def test_collisions_and_any_change_give_another_hash() -> None:
    changed = copy.deepcopy(NGINX)
    changed["spec"]["containers"][0]["image"] = "nginx:2"
    hashes = [templatehash.hash_of(NGINX, count) for count in (None, 0, 1)] + [templatehash.hash_of(changed)]
    assert len(set(hashes)) == 4


def test_empty_and_absent_lists_hash_alike_but_not_structs() -> None:
    empty = copy.deepcopy(NGINX)
    empty["metadata"]["annotations"] = {}
    empty["spec"]["volumes"] = []
    assert templatehash.hash_of(empty) == templatehash.hash_of(NGINX)
    empty["spec"]["securityContext"] = {}
    assert templatehash.hash_of(empty) != templatehash.hash_of(NGINX)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("*int64", 30, "(*int64)30"),
        ("*int64", None, "(*int64)<nil>"),
        ("[]string", ["a", "b"], "([]string)[a b]"),
        ("[]Capability", ["ALL"], "([]v1.Capability)[ALL]"),
        ("map[string]string", {"b": "2", "a": "1"}, "(map[string]string)map[a:1 b:2]"),
        ("intstr.IntOrString", "http", "(intstr.IntOrString){Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)http}"),
        ("intstr.IntOrString", 80, "(intstr.IntOrString){Type:(intstr.Type)0 IntVal:(int32)80 StrVal:(string)}"),
        ("*HostPathType", "", "(*v1.HostPathType)"),
        ("*SleepAction", {"seconds": 3}, "(*v1.SleepAction){Seconds:(int64)3}"),
        (
            "SecretKeySelector",
            {"name": "s", "key": "k", "optional": True},
            SECRET_KEY,
        ),
    ],
)
def test_shapes(kind: str, value: Any, expected: str) -> None:
    assert printed(kind, value) == expected


@pytest.mark.parametrize(
    ("text", "amount", "form"),
    [
        ("100m", "{value:(int64)100 scale:(resource.Scale)-3}", "DecimalSI"),
        ("2", "{value:(int64)2 scale:(resource.Scale)0}", "DecimalSI"),
        ("5k", "{value:(int64)5 scale:(resource.Scale)3}", "DecimalSI"),
        ("1e3", "{value:(int64)1 scale:(resource.Scale)3}", "DecimalExponent"),
        ("1Gi", "{value:(int64)1073741824 scale:(resource.Scale)0}", "BinarySI"),
        ("-1Ki", "{value:(int64)-1024 scale:(resource.Scale)0}", "BinarySI"),
        ("0", "{value:(int64)0 scale:(resource.Scale)0}", ""),
    ],
)
def test_quantities(text: str, amount: str, form: str) -> None:
    assert quantity(text) == (
        f"{{i:(resource.int64Amount){amount} d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} "
        f"s:(string){text} Format:(resource.Format){form}}}"
    )


def test_a_quantity_beyond_int64_is_a_decimal() -> None:
    big = quantity("1Ei")
    assert "unscaled:(big.Int){neg:(bool)false abs:(big.nat)[0 62500000]} scale:(inf.Scale)9" in big
    assert big.endswith("s:(string) Format:(resource.Format)BinarySI}")


def test_structs_have_exactly_the_fields_of_the_published_schema() -> None:
    definitions = load_definitions()
    for name in STRUCTS.keys() - {"ProbeHandler", "VolumeSource"}:  # embedded only: they have no schema of their own
        schema = definitions.get(f"{_CORE}.{name}") or definitions[f"{_META}.{name}"]
        assert _keys(name) == set(schema["properties"]), name


def _keys(name: str) -> set[str]:
    return {key for field in STRUCTS[name] for key in ([field.key] if field.key else _keys(field.type))}
