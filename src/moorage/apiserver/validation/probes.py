"""Validation of probes and life cycle handlers.

In: parts of a container. Out: errors. Rules: pkg/apis/core/validation (validateProbe, validateHandler).
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from moorage.api.refs import Document
from moorage.apiserver.documents import items
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import forbidden, invalid, required
from moorage.apiserver.validation.values import POSITIVE, needed, not_negative, one_of, port

_SCHEMES = ("HTTP", "HTTPS")
_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_HEADER = re.compile(r"[-A-Za-z0-9]+", re.ASCII)
_HEADER_TEXT = (
    "a valid HTTP header must consist of alphanumeric characters or '-' "
    "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
)
_GRACE = "terminationGracePeriodSeconds"


def probes(path: str, container: Document) -> list[FieldError]:
    """Check the three probes of a container."""
    found = []
    if "livenessProbe" in container:
        found += _once(f"{path}.livenessProbe", container["livenessProbe"])
    if "readinessProbe" in container:
        found += _readiness(f"{path}.readinessProbe", container["readinessProbe"])
    if "startupProbe" in container:
        found += _once(f"{path}.startupProbe", container["startupProbe"])
    return found


def lifecycle(path: str, given: Document, grace: int) -> list[FieldError]:
    """Check what runs after start and before stop.

    Args:
        path: of the lifecycle.
        given: the lifecycle.
        grace: terminationGracePeriodSeconds of the pod.
    """
    return [
        error
        for key in ("postStart", "preStop")
        if key in given
        for error in _handler(f"{path}.{key}", given[key], grace)
    ]


def _once(path: str, probe: Document) -> list[FieldError]:
    """Check a probe for which one success is enough."""
    found = _probe(path, probe)
    if probe.get("successThreshold", 0) != 1:
        found.append(invalid(f"{path}.successThreshold", probe.get("successThreshold", 0), "must be 1"))
    return found


def _readiness(path: str, probe: Document) -> list[FieldError]:
    found = _probe(path, probe)
    if probe.get(_GRACE) is not None:
        found.append(invalid(f"{path}.{_GRACE}", probe[_GRACE], "must not be set for readinessProbes"))
    return found


def _probe(path: str, probe: Document) -> list[FieldError]:
    found = _handler(path, probe, 0)
    for key in _NUMBERS:
        found += not_negative(f"{path}.{key}", probe.get(key))
    grace = probe.get(_GRACE)
    if grace is not None and grace <= 0:
        found.append(invalid(f"{path}.{_GRACE}", grace, POSITIVE))
    return found


def _handler(path: str, given: Document, grace: int) -> list[FieldError]:
    present = [kind for kind in _HANDLERS if kind in given]
    if not present:
        return [required(path, "must specify a handler type")]
    found = []
    for index, kind in enumerate(present):
        if index:
            found.append(forbidden(f"{path}.{kind}", "may not specify more than 1 handler type"))
        else:
            found += _HANDLERS[kind](f"{path}.{kind}", {**given[kind], "grace": grace})
    return found


def _http_get(path: str, given: Document) -> list[FieldError]:
    found = needed(f"{path}.path", given.get("path"))
    found += port(f"{path}.port", given.get("port", 0))
    found += one_of(f"{path}.scheme", given.get("scheme", ""), _SCHEMES)
    for header in items(given, "httpHeaders"):
        if not _HEADER.fullmatch(header.get("name", "")):
            found.append(invalid(f"{path}.httpHeaders", header.get("name", ""), _HEADER_TEXT))
    return found


def _sleep(path: str, given: Document) -> list[FieldError]:
    seconds, grace = given.get("seconds", 0), given["grace"]
    if 0 < seconds <= grace:
        return []
    text = f"must be greater than 0 and less than terminationGracePeriodSeconds ({grace})"
    return [invalid(path, seconds, text)]


_HANDLERS: Mapping[str, Callable[[str, Document], list[FieldError]]] = MappingProxyType(
    {
        "exec": lambda path, given: needed(f"{path}.command", given.get("command")),
        "httpGet": _http_get,
        "tcpSocket": lambda path, given: port(f"{path}.port", given.get("port", 0)),
        "grpc": lambda path, given: port(f"{path}.port", given.get("port", 0)),
        "sleep": _sleep,
    }
)
