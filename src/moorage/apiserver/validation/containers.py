"""Validation of containers: ordinary, init and ephemeral ones.

In: containers of a pod spec and its usable volumes. Out: errors. Rules: pkg/apis/core/validation.
"""

from typing import NamedTuple

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import mounts, probes, resources, security
from moorage.apiserver.validation.environment import environment
from moorage.apiserver.validation.errors import (
    duplicate,
    forbidden,
    invalid,
    invalid_each,
    not_found,
    not_supported,
    required,
)
from moorage.apiserver.validation.values import named, one_of

_MESSAGE_POLICIES = ("FallbackToLogsOnError", "File")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_RUNNING = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
_EPHEMERAL = frozenset(
    {
        "name", "image", "command", "args", "workingDir", "envFrom", "env", "volumeMounts", "volumeDevices",
        "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin",
        "stdinOnce", "tty", "targetContainerName", "resources",
    }
)  # fmt: skip
_NO_RESIZE = "must not be set for init containers"


class Context(NamedTuple):
    """What containers are checked against.

    Args:
        usable: volumes of the pod that containers may mount.
        grace: terminationGracePeriodSeconds of the pod.
    """

    usable: mounts.Usable
    grace: int


def containers(path: str, given: list[Document], context: Context) -> list[FieldError]:
    """Check the ordinary containers; there must be one."""
    if not given:
        return [required(path)]
    found: list[FieldError] = []
    seen: set[str] = set()
    for where, container in indexed(path, given):
        found += _common(where, container, context)
        name = container.get("name", "")
        if name in seen:
            found.append(duplicate(f"{where}.name", name))
        seen.add(name)
        found += _running(where, container, context)
        if "restartPolicy" in container:
            found.append(forbidden(f"{where}.restartPolicy", "may not be set for non-init containers"))
    return found + _port_conflicts(path, given)


def init_containers(path: str, spec: Document, context: Context) -> list[FieldError]:
    """Check the init containers of a pod spec; their names differ from those of ordinary ones."""
    found: list[FieldError] = []
    seen = {container.get("name", "") for container in items(spec, "containers")}
    for where, container in indexed(path, items(spec, "initContainers")):
        found += _common(where, container, context)
        policy = container.get("restartPolicy")
        if policy not in (None, "Always"):
            found.append(not_supported(f"{where}.restartPolicy", policy, ("Always",)))
        name = container.get("name", "")
        if name in seen:
            found.append(duplicate(f"{where}.name", name))
        elif name:
            seen.add(name)
        found += _port_conflicts(path, [container])
        found += _init_fields(where, container, context)
    return found


def ephemeral_containers(path: str, spec: Document, context: Context) -> list[FieldError]:
    """Check the ephemeral containers of a pod spec."""
    found: list[FieldError] = []
    ordinary = {one.get("name", "") for key in ("containers", "initContainers") for one in items(spec, key)}
    seen = set(ordinary)
    for where, container in indexed(path, items(spec, "ephemeralContainers")):
        found += _common(where, container, context)
        name = container.get("name", "")
        if name in seen:
            found.append(duplicate(f"{where}.name", name))
        seen.add(name)
        target = container.get("targetContainerName")
        if target and target not in ordinary:
            found.append(not_found(f"{where}.targetContainerName", target))
        for key, value in container.items():
            if key not in _EPHEMERAL and value:
                found.append(forbidden(f"{where}.{key}", "cannot be set for an Ephemeral Container"))
    return found


def images_without_blanks(path: str, given: list[Document]) -> list[FieldError]:
    """Refuse images with white space around them; templates may have it."""
    text = "must not have leading or trailing whitespace"
    return [
        invalid(f"{where}.image", container["image"], text)
        for where, container in indexed(path, given)
        if container.get("image", "") != container.get("image", "").strip()
    ]


def _init_fields(path: str, container: Document, context: Context) -> list[FieldError]:
    """Check what only init containers that keep running may have."""
    found: list[FieldError] = []
    if container.get("restartPolicy") == "Always":
        found += _running(path, container, context)
    else:
        text = "may not be set for init containers without restartPolicy=Always"
        found += [forbidden(f"{path}.{key}", text) for key in _RUNNING if key in container]
    if container.get("resizePolicy"):
        found.append(invalid(f"{path}.resizePolicy", container["resizePolicy"], _NO_RESIZE))
    return found


def _running(path: str, container: Document, context: Context) -> list[FieldError]:
    found = []
    if "lifecycle" in container:
        found += probes.lifecycle(f"{path}.lifecycle", container["lifecycle"], context.grace)
    return found + probes.probes(path, container)


def _common(path: str, container: Document, context: Context) -> list[FieldError]:
    """Check what all containers have."""
    name, policy = container.get("name", ""), container.get("terminationMessagePolicy", "")
    found = named(f"{path}.name", name, names.dns_label) if name else [required(f"{path}.name")]
    if not container.get("image"):
        found.append(required(f"{path}.image"))
    found += _required_one_of(f"{path}.terminationMessagePolicy", policy, _MESSAGE_POLICIES)
    found += _ports(f"{path}.ports", items(container, "ports"))
    found += environment(path, container)
    found += mounts.mounts(path, container, context.usable)
    found += mounts.devices(path, container, context.usable)
    found += _required_one_of(f"{path}.imagePullPolicy", container.get("imagePullPolicy", ""), _PULL_POLICIES)
    found += resources.requirements(f"{path}.resources", part(container, "resources"))
    return found + security.container_context(f"{path}.securityContext", part(container, "securityContext"))


def _required_one_of(path: str, value: str, supported: tuple[str, ...]) -> list[FieldError]:
    return one_of(path, value, supported) if value else [required(path)]


def _ports(path: str, ports: list[Document]) -> list[FieldError]:
    found: list[FieldError] = []
    seen: set[str] = set()
    for where, port in indexed(path, ports):
        found += _port_name(f"{where}.name", port.get("name", ""), seen)
        number = port.get("containerPort", 0)
        if number == 0:
            found.append(required(f"{where}.containerPort"))
        else:
            found += invalid_each(f"{where}.containerPort", number, names.port_number(number))
        if port.get("hostPort"):
            found += invalid_each(f"{where}.hostPort", port["hostPort"], names.port_number(port["hostPort"]))
        found += _required_one_of(f"{where}.protocol", port.get("protocol", ""), _PROTOCOLS)
    return found


def _port_name(path: str, name: str, seen: set[str]) -> list[FieldError]:
    if not name:
        return []
    problems = names.port_name(name)
    if problems:
        return invalid_each(path, name, problems)
    if name in seen:
        return [duplicate(path, name)]
    seen.add(name)
    return []


def _port_conflicts(path: str, given: list[Document]) -> list[FieldError]:
    """Refuse host ports that two containers ask for."""
    found: list[FieldError] = []
    seen: set[str] = set()
    for there, container in indexed(path, given):
        for where, port in indexed(f"{there}.ports", items(container, "ports")):
            if not port.get("hostPort"):
                continue
            text = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if text in seen:
                found.append(duplicate(f"{where}.hostPort", text))
            seen.add(text)
    return found
