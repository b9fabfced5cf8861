"""Validation of references to a pod's own fields and resources.

In: fieldRef and resourceFieldRef. Out: errors. Rules: pkg/apis/core/validation, pkg/apis/core/pods.
"""

import re
from collections.abc import Iterable

from moorage.api import names, quantity
from moorage.api.refs import Document
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import invalid, invalid_each, not_supported, required

ENV_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
VOLUME_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_KNOWN = frozenset(
    {*ENV_FIELDS, *VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.host"}
)
_SUBSCRIPTED = re.compile(r"(.+)\['(.*)'\]", re.DOTALL)
_MAPS = ("metadata.annotations", "metadata.labels")
_RESOURCES = tuple(
    f"{kind}.{name}" for kind in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory")
)
_HUGE = ("limits.hugepages-", "requests.hugepages-")
_CPU_DIVISORS = ("1m", "1")
_BYTE_DIVISORS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def field(path: str, reference: Document, supported: Iterable[str]) -> list[FieldError]:
    """Check a fieldRef against the fields its place can show."""
    if not reference.get("apiVersion"):
        return [required(f"{path}.apiVersion")]
    name = reference.get("fieldPath", "")
    if not name:
        return [required(f"{path}.fieldPath")]
    problem = _unconvertible(reference["apiVersion"], name)
    if problem:
        return [invalid(f"{path}.fieldPath", name, f"error converting fieldPath: {problem}")]
    match = _SUBSCRIPTED.fullmatch(name)
    if match is None:
        name = "spec.nodeName" if name == "spec.host" else name
        return [] if name in supported else [not_supported(f"{path}.fieldPath", name, supported)]
    key = match[2].lower() if match[1] == _MAPS[0] else match[2]
    return invalid_each(path, match[2], names.qualified_name(key))


def _unconvertible(version: str, name: str) -> str:
    """Return why a field path cannot be read, "" if it can."""
    if version != "v1":
        return f"unsupported pod version: {version}"
    match = _SUBSCRIPTED.fullmatch(name)
    if match is not None:
        return "" if match[1] in _MAPS else f"field label does not support subscript: {name}"
    return "" if name in _KNOWN else f"field label not supported: {name}"


def resource(path: str, reference: Document, *, of_volume: bool) -> list[FieldError]:
    """Check a resourceFieldRef; in a volume it must name its container."""
    name = reference.get("resource", "")
    found = []
    if of_volume and not reference.get("containerName"):
        found.append(required(f"{path}.containerName"))
    elif not name:
        found.append(required(f"{path}.resource"))
    elif name not in _RESOURCES and not name.startswith(_HUGE):
        found.append(not_supported(f"{path}.resource", name, _RESOURCES))
    return found + _divisor(path, name, reference.get("divisor") or "0")


def _divisor(path: str, name: str, text: str) -> list[FieldError]:
    if quantity.parse(text).nanos == 0:
        return []
    kind = name.partition(".")[2]
    allowed = _CPU_DIVISORS if kind == "cpu" else _BYTE_DIVISORS
    if kind not in ("cpu", "memory", "ephemeral-storage") or text in allowed:
        return []
    word = "local ephemeral storage" if kind == "ephemeral-storage" else kind
    listed = " and ".join(allowed) if kind == "cpu" else ", ".join(allowed)
    return [invalid(f"{path}.divisor", name, f"only divisor's values {listed} are supported with the {word} resource")]
