"""Warnings about pods and pod templates.

In: defaulted documents. Out: sentences in upstream's order. Rules: pkg/api/pod (GetWarningsForPod).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from moorage.api import quantity
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.validation.scheduling import affinity_terms

_OLD_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
        "gitRepo": "deprecated in v1.11",
        "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
        "flocker": "deprecated in v1.22, non-functional in v1.25+",
        "storageos": "deprecated in v1.22, non-functional in v1.25+",
        "quobyte": "deprecated in v1.22, non-functional in v1.25+",
        "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
        "cephfs": "deprecated in v1.28, non-functional in v1.31+",
        "rbd": "deprecated in v1.28, non-functional in v1.31+",
    }
)
_OLD_SELECTORS: Mapping[str, str] = MappingProxyType(
    {
        "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
        "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
        "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
        "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
        "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    }
)
_NO_POD = "a null labelSelector results in matching no pod"
_SMALL_COUNTS = ("memory", "ephemeral-storage")


def of_pod(new: Document, old: Document | None) -> list[str]:
    """Return warnings about a new pod; changes of a pod cannot bring new ones."""
    return list(of_spec("spec", part(new, "spec"))) if old is None else []


def of_template(path: str, template: Document, old: Document | None) -> list[str]:
    """Return warnings about a template, if it is new or another one than before."""
    return list(of_spec(f"{path}.spec", part(template, "spec"))) if template != old else []


def of_spec(path: str, spec: Document) -> Iterator[str]:
    """Return warnings about a pod spec."""
    yield from _selectors(path, spec)
    for where, volume in indexed(f"{path}.volumes", items(spec, "volumes")):
        yield from _volume(where, volume)
    yield from _repeated_names(f"{path}.hostAliases", items(spec, "hostAliases"), "ip")
    yield from _repeated_names(f"{path}.imagePullSecrets", items(spec, "imagePullSecrets"), "name")
    for key in ("initContainers", "containers"):
        for where, container in indexed(f"{path}.{key}", items(spec, key)):
            yield from _container(where, container)
    yield from _port_names(path, spec)
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        yield f"{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
    for where, term in affinity_terms(spec):
        if "labelSelector" not in term:
            yield f"{path}.{where}.labelSelector: {_NO_POD}"


def _selectors(path: str, spec: Document) -> Iterator[str]:
    for key in sorted(part(spec, "nodeSelector")):
        if key in _OLD_SELECTORS:
            yield f"{path}.nodeSelector[{key}]: {_OLD_SELECTORS[key]}"
    for where, constraint in indexed(f"{path}.topologySpreadConstraints", items(spec, "topologySpreadConstraints")):
        key = constraint.get("topologyKey", "")
        if key in _OLD_SELECTORS:
            yield f"{where}.topologyKey: {key} is {_OLD_SELECTORS[key]}"
        if "labelSelector" not in constraint:
            yield f"{where}.labelSelector: {_NO_POD}"


def _volume(path: str, volume: Document) -> Iterator[str]:
    for name, sentence in _OLD_SOURCES.items():
        if name in volume:
            yield f"{path}.{name}: {sentence}"


def _repeated_names(path: str, given: list[Document], key: str) -> Iterator[str]:
    """Warn of items that the older merge key cannot tell apart."""
    first: dict[str, int] = {}
    for index, one in enumerate(given):
        name = one.get(key, "")
        if name in first:
            yield f'{path}[{index}].{key}: duplicates {key} "{name}" in {path}[{first[name]}].{key}'
        elif not name:
            yield f'{path}[{index}].{key}: invalid empty {key} ""'
        first.setdefault(name, index)


def _container(path: str, container: Document) -> Iterator[str]:
    seen: set[str] = set()
    for where, variable in indexed(f"{path}.env", items(container, "env")):
        name = variable.get("name", "")
        if name in seen and f"$({name})" not in variable.get("value", ""):
            yield f'{where}: hides previous definition of "{name}", which may be dropped when using apply'
        seen.add(name)
    for kind in ("limits", "requests"):
        amounts = part(container, "resources", kind)
        for name in _SMALL_COUNTS:
            if name in amounts and quantity.parse(amounts[name]).nanos % 10**9:
                yield f'{path}.resources.{kind}[{name}]: fractional byte value "{amounts[name]}" is invalid, must be an integer'


def _port_names(path: str, spec: Document) -> Iterator[str]:
    """Warn of ports that are defined twice."""
    seen: dict[tuple[object, ...], str] = {}
    for there, container in indexed(f"{path}.containers", items(spec, "containers")):
        for where, port in indexed(f"{there}.ports", items(container, "ports")):
            mine = (there, port.get("containerPort"), port.get("protocol"), port.get("hostPort"), port.get("hostIP"))
            if mine in seen:
                yield f"{where}: duplicate port definition with {seen[mine]}"
            seen.setdefault(mine, where)
