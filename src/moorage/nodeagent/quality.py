"""A pod's quality of service and what follows from it: cgroup, shares, OOM score.

In: pod specs. Out: the class and `Limits`. Pure. Rules: Kubernetes' QoS classes and kubelet/cm, 1.32.
"""

from moorage.api import quantity
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import Limits

CPU_PERIOD = 100_000
MIN_SHARES = 2
MIN_QUOTA = 1_000
OOM_SCORES = {"Guaranteed": -997, "BestEffort": 1000}
_COMPUTE = ("cpu", "memory")


def qos_class(pod: Pod) -> str:
    """Return `Guaranteed`, `Burstable` or `BestEffort`."""
    asked = [_compute(one.resources.requests) for one in pod.containers]
    limited = [_compute(one.resources.limits) for one in pod.containers]
    if not any(asked) and not any(limited):
        return "BestEffort"
    same = all(set(limit) == set(_COMPUTE) and (not ask or ask == limit) for ask, limit in zip(asked, limited))
    return "Guaranteed" if same else "Burstable"


def _compute(resources: dict[str, str]) -> dict[str, int]:
    amounts = {name: quantity.parse(text).milli for name, text in resources.items() if name in _COMPUTE}
    return {name: amount for name, amount in amounts.items() if amount}


def cgroup_parent(pod: Pod) -> str:
    """Return the pod's cgroup below the runtime's root."""
    kind = qos_class(pod).lower()
    return f"/kubepods/pod{pod.uid}" if kind == "guaranteed" else f"/kubepods/{kind}/pod{pod.uid}"


def milli(resources: dict[str, str], name: str) -> int:
    """Return an amount in thousandths, 0 if unset."""
    return quantity.parse(resources[name]).milli if name in resources else 0


def whole(resources: dict[str, str], name: str) -> int:
    """Return an amount in whole units, 0 if unset."""
    return quantity.parse(resources[name]).value if name in resources else 0


def container_limits(pod: Pod, container: Container, node_memory: int) -> Limits:
    """Return the limits of one container; `node_memory` in bytes scales the OOM score of Burstable pods."""
    requests, limits = container.resources.requests, container.resources.limits
    asked = milli(requests, "cpu") or (milli(limits, "cpu") if "cpu" not in requests else 0)
    return Limits(
        cpu_shares=_shares(asked),
        cpu_quota=_quota(milli(limits, "cpu")),
        cpu_period=CPU_PERIOD,
        memory_bytes=whole(limits, "memory"),
        oom_score_adj=_oom_score(pod, container, node_memory),
    )


def pod_limits(pod: Pod) -> Limits:
    """Return the limits of the whole pod: a sum where every container has a limit, else unset."""
    mains = pod.spec.containers
    cpu = [milli(one.resources.limits, "cpu") for one in mains]
    memory = [whole(one.resources.limits, "memory") for one in mains]
    shares = sum(milli(one.resources.requests, "cpu") for one in mains)
    largest_cpu = max((milli(one.resources.limits, "cpu") for one in pod.spec.init_containers), default=0)
    largest_memory = max((whole(one.resources.limits, "memory") for one in pod.spec.init_containers), default=0)
    open_init = any(not one.resources.limits for one in pod.spec.init_containers)
    bounded_cpu, bounded_memory = all(cpu) and not open_init, all(memory) and not open_init
    return Limits(
        cpu_shares=_shares(shares),
        cpu_quota=_quota(max(sum(cpu), largest_cpu)) if bounded_cpu else 0,
        cpu_period=CPU_PERIOD,
        memory_bytes=max(sum(memory), largest_memory) if bounded_memory else 0,
    )


def _shares(millis: int) -> int:
    return max(MIN_SHARES, millis * 1024 // 1000)


def _quota(millis: int) -> int:
    return max(MIN_QUOTA, millis * CPU_PERIOD // 1000) if millis else 0


def _oom_score(pod: Pod, container: Container, node_memory: int) -> int:
    kind = qos_class(pod)
    if kind in OOM_SCORES:
        return OOM_SCORES[kind]
    asked = whole(container.resources.requests, "memory")
    score = 1000 - 1000 * asked // max(node_memory, 1)
    return max(3, min(score, 999))
