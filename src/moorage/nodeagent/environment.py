"""A container's environment: `env`, `envFrom`, Services, and `$(NAME)` in commands.

In: specs and the objects they refer to. Out: names and values in order. Pure.
Rules: kubelet_pods.go makeEnvironmentVariables, envvars.go, third_party/forked/golang/expansion; 1.32.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.base.errors import RuntimeFailure
from moorage.nodeagent.fields import PodFacts, pod_field, resource_field
from moorage.nodeagent.podspec import Container, Pod

CONFIG_ERROR = "CreateContainerConfigError"
_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_EXPANSION = re.compile(r"\$(\$|\(([^)]*)\))")
Kinds = Mapping[str, str]
KIND_NAMES: Kinds = {"configmaps": "configmap", "secrets": "secret"}
_REFERENCES = {"configMapKeyRef": "configmaps", "secretKeyRef": "secrets"}
_BULK = {"configMapRef": "configmaps", "secretRef": "secrets"}


@dataclass(frozen=True, slots=True)
class Sources:
    """Objects an environment or a volume draws from.

    Args:
        objects: ConfigMaps and Secrets by (plural, name), None for those that do not exist.
        services: Services of the pod's namespace, and `kubernetes` of `default`.
    """

    objects: Mapping[tuple[str, str], Document | None] = field(default_factory=dict)
    services: Sequence[Document] = ()


def references(container: Container) -> set[tuple[str, str]]:
    """Return (plural, name) of every ConfigMap and Secret an environment needs."""
    found = set()
    for entry in container.env:
        origin = entry.get("valueFrom") or {}
        found |= {(plural, origin[key]["name"]) for key, plural in _REFERENCES.items() if key in origin}
    for entry in container.env_from:
        found |= {(plural, entry[key]["name"]) for key, plural in _BULK.items() if key in entry}
    return found


def build(pod: Pod, container: Container, sources: Sources, facts: PodFacts) -> dict[str, str]:
    """Return the environment of a container, in order.

    Raises:
        RuntimeFailure: CreateContainerConfigError; something referred to does not exist.
    """
    services = service_variables(pod, sources.services)
    result: dict[str, str] = {}
    for entry in container.env_from:
        result |= _bulk(pod, entry, sources)
    for entry in container.env:
        name = entry["name"]
        value = entry.get("value") or ""
        origin = entry.get("valueFrom")
        if origin:
            looked_up = _value_from(pod, container, origin, (sources, facts))
            if looked_up is None:
                continue
            value = looked_up
        else:
            value = expand(value, {**services, **result})
        result[name] = value
    return {**result, **{name: value for name, value in services.items() if name not in result}}


def expand(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each `$(NAME)` replaced where NAME is known; `$$` is a dollar sign."""

    def one(match: re.Match[str]) -> str:
        if match[1] == "$":
            return "$"
        return values.get(match[2], match[0])

    return _EXPANSION.sub(one, text)


def _bulk(pod: Pod, entry: Mapping[str, Any], sources: Sources) -> dict[str, str]:
    prefix = entry.get("prefix") or ""
    for key, plural in _BULK.items():
        if key not in entry:
            continue
        document = _object(pod, (plural, entry[key]["name"]), sources, optional=bool(entry[key].get("optional")))
        values = data(document) if document else {}
        return {prefix + name: value for name, value in sorted(values.items()) if _NAME.fullmatch(prefix + name)}
    return {}


def _value_from(
    pod: Pod, container: Container, origin: Mapping[str, Any], known: tuple[Sources, PodFacts]
) -> str | None:
    sources, facts = known
    if "fieldRef" in origin:
        return pod_field(pod, origin["fieldRef"]["fieldPath"], facts)
    if "resourceFieldRef" in origin:
        reference = origin["resourceFieldRef"]
        return resource_field(pod.container(reference.get("containerName") or "") or container, reference, facts)
    for key, plural in _REFERENCES.items():
        if key in origin:
            return _key(pod, plural, origin[key], sources)
    return ""


def _key(pod: Pod, plural: str, reference: Mapping[str, Any], sources: Sources) -> str | None:
    optional = bool(reference.get("optional"))
    document = _object(pod, (plural, reference["name"]), sources, optional=optional)
    if document is None:
        return None
    values = data(document)
    if reference["key"] in values:
        return values[reference["key"]]
    if optional:
        return None
    kind = {"configmaps": "ConfigMap", "secrets": "Secret"}[plural]
    where = f"{pod.namespace}/{reference['name']}"
    raise RuntimeFailure(CONFIG_ERROR, f"couldn't find key {reference['key']} in {kind} {where}")


def _object(pod: Pod, reference: tuple[str, str], sources: Sources, *, optional: bool) -> Document | None:
    found = sources.objects.get(reference)
    if found is None and not optional:
        plural, name = reference
        raise RuntimeFailure(CONFIG_ERROR, f'{KIND_NAMES[plural]} "{name}" not found')
    return found


def data(document: Document) -> dict[str, str]:
    """Return the text values of a ConfigMap or Secret by key."""
    values = document.get("data") or {}
    if document.get("kind") == "Secret":
        return {key: base64.b64decode(value).decode(errors="replace") for key, value in values.items()}
    return dict(values)


# --- Services ---


def service_variables(pod: Pod, services: Iterable[Document]) -> dict[str, str]:
    """Return the variables that name Services: the API always, the others if the pod wants links."""
    result: dict[str, str] = {}
    for service in services:
        api = (meta.namespace(service), meta.name(service)) == ("default", "kubernetes")
        linked = pod.spec.enable_service_links and meta.namespace(service) == pod.namespace
        if api or linked:
            result |= _service(service)
    return result


def _service(service: Document) -> dict[str, str]:
    spec = service.get("spec") or {}
    address, ports = spec.get("clusterIP") or "", spec.get("ports") or []
    if address in ("", "None") or not ports:
        return {}
    prefix = meta.name(service).replace("-", "_").upper()
    result = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(ports[0]["port"])}
    for port in ports:
        if port.get("name"):
            result[f"{prefix}_SERVICE_PORT_{port['name'].replace('-', '_').upper()}"] = str(port["port"])
    host = f"[{address}]" if ":" in address else address
    for index, port in enumerate(ports):
        protocol = port.get("protocol") or "TCP"
        url = f"{protocol.lower()}://{host}:{port['port']}"
        one = f"{prefix}_PORT_{port['port']}_{protocol}"
        if index == 0:
            result[f"{prefix}_PORT"] = url
        result |= {one: url, f"{one}_PROTO": protocol.lower(), f"{one}_PORT": str(port["port"]), f"{one}_ADDR": address}
    return result
