"""Whether this node takes a pod.

In: the pod, the pods already here, what the node offers. Out: None, or the `Failure` the pod ends with. Pure.
Rules: kubelet/lifecycle/predicate.go and the scheduler's own fit rules, Kubernetes 1.32.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.quality import milli, whole
from moorage.nodeagent.settings import Capacity
from moorage.nodeagent.snapshot import Failure

_REJECTED = "Pod was rejected: "


@dataclass(frozen=True, slots=True)
class Request:
    """What a pod takes."""

    cpu_millis: int
    memory_bytes: int


def request_of(pod: Pod) -> Request:
    """Return what a pod asks for: the sum of its containers and sidecars, or its largest init container."""
    mains = [*pod.spec.containers, *(one for one in pod.spec.init_containers if one.restart_policy == "Always")]
    inits = [one for one in pod.spec.init_containers if one.restart_policy != "Always"]
    cpu = max(sum(map(_cpu, mains)), max(map(_cpu, inits), default=0)) + milli(pod.spec.overhead, "cpu")
    memory = max(sum(map(_memory, mains)), max(map(_memory, inits), default=0)) + whole(pod.spec.overhead, "memory")
    return Request(cpu, memory)


def _cpu(container: Container) -> int:
    return milli(container.resources.requests, "cpu")


def _memory(container: Container) -> int:
    return whole(container.resources.requests, "memory")


def admit(pod: Pod, others: Iterable[Pod], capacity: Capacity, labels: Mapping[str, str]) -> Failure | None:
    """Return why the node refuses `pod`, None if it takes it.

    Args:
        pod: the newcomer.
        others: the pods that have a place here and have not ended.
        capacity: what the node offers.
        labels: the node's, for the pod's node selector.
    """
    present = list(others)
    if len(present) + 1 > capacity.pods:
        return _out_of("pods", 1, len(present), capacity.pods)
    wanted = request_of(pod)
    taken = [request_of(other) for other in present]
    cpu, memory = sum(one.cpu_millis for one in taken), sum(one.memory_bytes for one in taken)
    if wanted.cpu_millis and cpu + wanted.cpu_millis > capacity.cpu_millis:
        return _out_of("cpu", wanted.cpu_millis, cpu, capacity.cpu_millis)
    if wanted.memory_bytes and memory + wanted.memory_bytes > capacity.memory_bytes:
        return _out_of("memory", wanted.memory_bytes, memory, capacity.memory_bytes)
    if any(labels.get(key) != value for key, value in pod.spec.node_selector.items()):
        return Failure(
            "NodeAffinity",
            _REJECTED + "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
        )
    if _ports(pod) & set().union(*map(_ports, present)):
        return Failure(
            "NodePorts",
            _REJECTED + "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
        )
    return None


def _out_of(name: str, requested: int, used: int, capacity: int) -> Failure:
    numbers = f"requested: {requested}, used: {used}, capacity: {capacity}"
    return Failure(f"OutOf{name}", f"{_REJECTED}Node didn't have enough resource: {name}, {numbers}")


def _ports(pod: Pod) -> set[tuple[str, int]]:
    ports = [port for container in pod.spec.containers for port in container.ports]
    on_host = [(one.protocol, one.host_port or (one.container_port if pod.spec.host_network else 0)) for one in ports]
    return {(protocol, port) for protocol, port in on_host if port}
