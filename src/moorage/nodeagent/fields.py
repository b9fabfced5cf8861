"""The downward API: what a pod may know of itself, by path.

In: pods, what is known of where they run. Out: text for environments and files. Pure.
Rules: pkg/fieldpath and pkg/api/v1/resource, Kubernetes 1.32.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from moorage.api import goquote, meta, quantity
from moorage.base.errors import RuntimeFailure
from moorage.nodeagent.podspec import Container, Pod

_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['(.*)'\]")


@dataclass(frozen=True, slots=True)
class PodFacts:
    """What is known only where the pod runs.

    Args:
        host_ip: the node's address.
        pod_ips: the pod's addresses.
        node_cpu_millis: stands in for an unset CPU limit.
        node_memory_bytes: likewise.
        node_storage_bytes: likewise.
    """

    host_ip: str = ""
    pod_ips: tuple[str, ...] = ()
    node_cpu_millis: int = 0
    node_memory_bytes: int = 0
    node_storage_bytes: int = 0


def pod_field(pod: Pod, path: str, facts: PodFacts) -> str:
    """Return the value of a `fieldPath`. Raises RuntimeFailure for a path that does not exist."""
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript:
        values = meta.labels(pod.document) if subscript[1] == "labels" else meta.annotations(pod.document)
        return values.get(subscript[2], "")
    simple = {
        "metadata.name": pod.name,
        "metadata.namespace": pod.namespace,
        "metadata.uid": pod.uid,
        "metadata.labels": _map_text(meta.labels(pod.document)),
        "metadata.annotations": _map_text(meta.annotations(pod.document)),
        "spec.nodeName": pod.spec.node_name,
        "spec.serviceAccountName": pod.spec.service_account_name,
        "status.hostIP": facts.host_ip,
        "status.hostIPs": facts.host_ip,
        "status.podIP": facts.pod_ips[0] if facts.pod_ips else "",
        "status.podIPs": ",".join(facts.pod_ips),
    }
    if path not in simple:
        raise RuntimeFailure("CreateContainerConfigError", f"unsupported fieldPath: {path}")
    return simple[path]


def _map_text(values: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={goquote.quote(value)}" for key, value in sorted(values.items()))


def resource_field(container: Container, reference: Mapping[str, Any], facts: PodFacts) -> str:
    """Return the value of a `resourceFieldRef`, in units of its divisor, rounded up."""
    group, _, name = str(reference["resource"]).partition(".")
    values = container.resources.limits if group == "limits" else container.resources.requests
    divisor = quantity.parse(str(reference.get("divisor") or "1"))
    amount = quantity.parse(values[name]).nanos if name in values else _node_amount(group, name, facts)
    per = divisor.nanos or 10**9
    ratio = Fraction(amount, per)
    return str(-(-ratio.numerator // ratio.denominator))


def _node_amount(group: str, name: str, facts: PodFacts) -> int:
    """Return what an unset limit means: all the node has; an unset request means nothing."""
    if group != "limits":
        return 0
    amounts = {
        "cpu": facts.node_cpu_millis * 10**6,
        "memory": facts.node_memory_bytes * 10**9,
        "ephemeral-storage": facts.node_storage_bytes * 10**9,
    }
    return amounts.get(name, 0)
