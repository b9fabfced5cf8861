"""Validation of security contexts, and of what may not be set for the pod's operating system.

In: parts of a pod spec. Out: errors. Rules: pkg/apis/core/validation.
"""

import re

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import paths
from moorage.apiserver.validation.errors import duplicate, forbidden, invalid, not_supported, required
from moorage.apiserver.validation.values import in_range, one_of

_LARGEST_ID = 2**31 - 1
_SECCOMP = ("Localhost", "RuntimeDefault", "Unconfined")
_PROC_MOUNTS = ("Default", "Unmasked")
_SYSCTL_TEXT = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
_SYSCTL = re.compile(_SYSCTL_TEXT, re.ASCII)
_WINDOWS_SPEC = ("hostUsers", "hostPID", "hostIPC")
_WINDOWS_POD = (
    "seLinuxOptions", "seccompProfile", "appArmorProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser",
    "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy",
)  # fmt: skip
_WINDOWS_CONTAINER = (
    "seLinuxOptions", "seccompProfile", "appArmorProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip
_ALLOW_ESCALATION = "cannot set `allowPrivilegeEscalation` to false and"


def pod_context(path: str, spec: Document) -> list[FieldError]:
    """Check the security context of a pod, and the host ports that its network asks for.

    Args:
        path: of the pod spec.
        spec: the pod spec.
    """
    found = []
    if spec.get("hostNetwork"):
        for key in ("containers", "initContainers"):
            found += _host_ports(f"{path}.{key}", items(spec, key))
    given, where = part(spec, "securityContext"), f"{path}.securityContext"
    found += _identities(where, given, ("fsGroup", "runAsUser", "runAsGroup"))
    for there, group in indexed(f"{where}.supplementalGroups", items(given, "supplementalGroups")):
        found += in_range(there, group, 0, _LARGEST_ID)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        text = "ShareProcessNamespace and HostPID cannot both be enabled"
        found.append(invalid(f"{where}.shareProcessNamespace", spec["shareProcessNamespace"], text))
    found += _sysctls(f"{where}.sysctls", items(given, "sysctls"))
    if "fsGroupChangePolicy" in given:
        found += one_of(f"{where}.fsGroupChangePolicy", given["fsGroupChangePolicy"], ("Always", "OnRootMismatch"))
    if "supplementalGroupsPolicy" in given:
        policy = given["supplementalGroupsPolicy"]
        found += one_of(f"{where}.supplementalGroupsPolicy", policy, ("Merge", "Strict"))
    return found + _profile(f"{where}.seccompProfile", given.get("seccompProfile"), "seccomp")


def container_context(path: str, given: Document) -> list[FieldError]:
    """Check the security context of a container."""
    found = _identities(path, given, ("runAsUser", "runAsGroup"))
    if "procMount" in given:
        found += one_of(f"{path}.procMount", given["procMount"], _PROC_MOUNTS)
    found += _profile(f"{path}.seccompProfile", given.get("seccompProfile"), "seccomp")
    if given.get("allowPrivilegeEscalation") is not False:
        return found
    if given.get("privileged"):
        found.append(invalid(path, given, f"{_ALLOW_ESCALATION} `privileged` to true"))
    if "CAP_SYS_ADMIN" in items(given, "capabilities", "add"):
        found.append(invalid(path, given, f"{_ALLOW_ESCALATION} `capabilities.Add` CAP_SYS_ADMIN"))
    return found


def _host_ports(path: str, containers: list[Document]) -> list[FieldError]:
    text = "must match `containerPort` when `hostNetwork` is true"
    return [
        invalid(f"{where}.hostPort", port.get("hostPort", 0), text)
        for there, container in indexed(path, containers)
        for where, port in indexed(f"{there}.ports", items(container, "ports"))
        if port.get("hostPort", 0) != port.get("containerPort", 0)
    ]


def _identities(path: str, given: Document, keys: tuple[str, ...]) -> list[FieldError]:
    return [error for key in keys if key in given for error in in_range(f"{path}.{key}", given[key], 0, _LARGEST_ID)]


def _sysctls(path: str, given: list[Document]) -> list[FieldError]:
    found: list[FieldError] = []
    seen: set[str] = set()
    for where, one in indexed(path, given):
        name = one.get("name", "")
        if not name:
            found.append(required(f"{where}.name"))
        elif len(name) > names.SUBDOMAIN_LENGTH or not _SYSCTL.fullmatch(name):
            text = f"must have at most {names.SUBDOMAIN_LENGTH} characters and match regex {_SYSCTL_TEXT}"
            found.append(invalid(f"{where}.name", name, text))
        elif name in seen:
            found.append(duplicate(f"{where}.name", name))
        seen.add(name)
    return found


def _profile(path: str, given: Document | None, word: str) -> list[FieldError]:
    if given is None:
        return []
    kind = given.get("type", "")
    if not kind:
        return [required(f"{path}.type", f"type is required when {word}Profile is set")]
    found = one_of(f"{path}.type", kind, _SECCOMP)
    local = given.get("localhostProfile")
    if kind != "Localhost":
        text = f"can only be set when {word} type is Localhost"
        return found + ([invalid(f"{path}.localhostProfile", given, text)] if local is not None else [])
    if local is None:
        return [*found, required(f"{path}.localhostProfile", f"must be set when {word} type is Localhost")]
    return found + paths.descending(f"{path}.localhostProfile", local)


def operating_system(path: str, spec: Document) -> list[FieldError]:
    """Check `os`, and that nothing is set that this system does not have."""
    name = part(spec, "os").get("name", "")
    if "os" not in spec:
        return []
    if not name:
        return [required(f"{path}.os.name")]
    if name == "windows":
        return _windows(path, spec)
    if name != "linux":
        return [not_supported(f"{path}.os", name, ("linux", "windows"))]
    return _linux(path, spec)


def _windows(path: str, spec: Document) -> list[FieldError]:
    text = "cannot be set for a windows pod"
    context = part(spec, "securityContext")
    found = [forbidden(f"{path}.{key}", text) for key in _WINDOWS_SPEC if spec.get(key)]
    found += [forbidden(f"{path}.securityContext.{key}", text) for key in _WINDOWS_POD if context.get(key) is not None]
    if "shareProcessNamespace" in spec:
        found.append(forbidden(f"{path}.shareProcessNamespace", text))
    for key in ("containers", "initContainers"):
        for where, container in indexed(f"{path}.{key}", items(spec, key)):
            inner = part(container, "securityContext")
            found += [forbidden(f"{where}.securityContext.{one}", text) for one in _WINDOWS_CONTAINER if one in inner]
    return found


def _linux(path: str, spec: Document) -> list[FieldError]:
    text = "windows options cannot be set for a linux pod"
    found = []
    if "windowsOptions" in part(spec, "securityContext"):
        found.append(forbidden(f"{path}.securityContext.windowsOptions", text))
    for key in ("containers", "initContainers"):
        for where, container in indexed(f"{path}.{key}", items(spec, key)):
            if "windowsOptions" in part(container, "securityContext"):
                found.append(forbidden(f"{where}.securityContext.windowsOptions", text))
    return found
