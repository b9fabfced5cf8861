"""Containers of a pod or of a pod template.

In: container documents, their statuses, the pod itself (for environment variables that name its fields). Out: lines.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from moorage.api.quantity import BadQuantity, parse
from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import NONE, Around, Sheet, shown

_FIELDS = 2
"""Level of a container's fields."""
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")


def write(
    sheet: Sheet, title: str, containers: Sequence[Document], pod: Document, around: Around | None = None
) -> None:
    """Add a list of containers.

    Args:
        sheet: page to fill.
        title: `Containers` or `Init Containers`.
        containers: of the spec.
        pod: whose they are; a template, which has neither name nor status, if `around` is None.
        around: for times.
    """
    templated = around is None
    if not containers:
        sheet.field("  " * templated + title, NONE)
        return
    sheet.line("  " * templated + f"{title}:")
    statuses = _statuses(pod)
    for container in containers:
        sheet.line(f"{'   ' if templated else '  '}{container['name']}:")
        status = statuses.get(container["name"])
        _basics(sheet, container, status)
        if status and around:
            _status(sheet, status, around)
        _resources(sheet, container)
        for name, probe in (
            ("Liveness", "livenessProbe"),
            ("Readiness", "readinessProbe"),
            ("Startup", "startupProbe"),
        ):
            if container.get(probe):
                sheet.field(name, show_probe(container[probe]), _FIELDS)
        _environment_from(sheet, container)
        _environment(sheet, container, None if templated else pod)
        _mounts(sheet, container)


def _statuses(pod: Document) -> Mapping[str, Document]:
    status = pod.get("status") or {}
    rows = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return {row["name"]: row for row in rows}


def _basics(sheet: Sheet, container: Document, status: Document | None) -> None:
    if status:
        sheet.field("Container ID", status.get("containerID", ""), _FIELDS)
    sheet.field("Image", container.get("image", ""), _FIELDS)
    if status:
        sheet.field("Image ID", status.get("imageID", ""), _FIELDS)
    ports = container.get("ports") or []
    plural = "s" if len(ports) > 1 else ""
    for title, number in (("Port", "containerPort"), ("Host Port", "hostPort")):
        texts = [f"{port.get(number, 0)}/{port.get('protocol', '')}" for port in ports]
        sheet.field(title + plural, ", ".join(texts) or NONE, _FIELDS)
    profile = (container.get("securityContext") or {}).get("seccompProfile")
    if profile:
        sheet.field("SeccompProfile", profile.get("type", ""), _FIELDS)
        if profile.get("localhostProfile"):
            sheet.field("LocalhostProfile", profile["localhostProfile"], _FIELDS + 1)
    for title, words in (("Command", container.get("command")), ("Args", container.get("args"))):
        if words:
            sheet.line(f"{title}:", _FIELDS)
            for line in (line for word in words for line in str(word).split("\n")):
                sheet.line(line, _FIELDS + 1)


def _status(sheet: Sheet, status: Document, around: Around) -> None:
    _state(sheet, "State", status.get("state") or {}, around)
    if any((status.get("lastState") or {}).values()):
        _state(sheet, "Last State", status["lastState"], around)
    sheet.field("Ready", "True" if status.get("ready") else "False", _FIELDS)
    sheet.field("Restart Count", status.get("restartCount", 0), _FIELDS)


def _state(sheet: Sheet, title: str, state: Document, around: Around) -> None:
    running, terminated = state.get("running"), state.get("terminated")
    if running is not None:
        sheet.field(title, "Running", _FIELDS)
        sheet.field("  Started", around.moment(running.get("startedAt")), _FIELDS)
    elif terminated is not None:
        sheet.field(title, "Terminated", _FIELDS)
        _terminated(sheet, terminated, around)
    else:
        waiting = state.get("waiting") or {}
        sheet.field(title, "Waiting", _FIELDS)
        if waiting.get("reason"):
            sheet.field("Reason", waiting["reason"], _FIELDS + 1)


def _terminated(sheet: Sheet, state: Document, around: Around) -> None:
    fields = (
        ("Reason", state.get("reason")),
        ("Message", state.get("message")),
        ("Exit Code", shown(state.get("exitCode", 0))),
        ("Signal", state.get("signal")),
        ("Started", around.moment(state.get("startedAt"))),
        ("Finished", around.moment(state.get("finishedAt"))),
    )
    sheet.fields([(name, value) for name, value in fields if value], _FIELDS + 1)


def _resources(sheet: Sheet, container: Document) -> None:
    resources = container.get("resources") or {}
    for title in ("Limits", "Requests"):
        amounts = resources.get(title.lower())
        if amounts:
            sheet.line(f"{title}:", _FIELDS)
            sheet.fields(sorted(amounts.items()), _FIELDS + 1)


def show_probe(probe: Document) -> str:
    """Return a probe on one line."""
    numbers = (
        f"delay={probe.get('initialDelaySeconds', 0)}s timeout={probe.get('timeoutSeconds', 0)}s "
        f"period={probe.get('periodSeconds', 0)}s #success={probe.get('successThreshold', 0)} "
        f"#failure={probe.get('failureThreshold', 0)}"
    )
    kind = next((name for name in _HANDLERS if probe.get(name) is not None), "")
    return f"{_handler(kind, probe.get(kind) or {})} {numbers}"


def _handler(kind: str, handler: Document) -> str:
    match kind:
        case "exec":
            return f"exec {shown(handler.get('command') or [])}"
        case "httpGet":
            path = "/" + str(handler.get("path", "")).lstrip("/")
            scheme = str(handler.get("scheme", "")).lower()
            return f"http-get {scheme}://{handler.get('host', '')}:{handler.get('port', '')}{path}"
        case "tcpSocket":
            return f"tcp-socket {handler.get('host', '')}:{handler.get('port', '')}"
        case "grpc":
            return f"grpc <pod>:{handler.get('port', '')} {handler.get('service') or ''}"
        case _:
            return "unknown"


def _environment_from(sheet: Sheet, container: Document) -> None:
    sources = container.get("envFrom") or ()
    if not sources:
        return
    sheet.line("Environment Variables from:", _FIELDS)
    for source in sources:
        kind = "ConfigMap" if source.get("configMapRef") else "Secret"
        origin = source.get("configMapRef") or source.get("secretRef") or {}
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        optional = shown(bool(origin.get("optional")))
        sheet.line(f"{origin.get('name', '')}\t{kind}{prefix}\tOptional: {optional}", _FIELDS + 1)


def _environment(sheet: Sheet, container: Document, pod: Document | None) -> None:
    variables = container.get("env") or ()
    if not variables:
        sheet.field("Environment", NONE, _FIELDS)
        return
    sheet.line("Environment:", _FIELDS)
    for variable in variables:
        first, *more = _value(variable, container, pod).split("\n")
        sheet.line(f"{variable['name']}:\t{first}", _FIELDS + 1)
        for line in more:
            sheet.line(f"\t{line}", _FIELDS + 1)


def _value(variable: Document, container: Document, pod: Document | None) -> str:
    origin = variable.get("valueFrom")
    if not origin:
        return str(variable.get("value", ""))
    if origin.get("fieldRef"):
        path = origin["fieldRef"].get("fieldPath", "")
        return f"{_own_field(pod, path)} ({origin['fieldRef'].get('apiVersion', '')}:{path})"
    if origin.get("resourceFieldRef"):
        reference = origin["resourceFieldRef"]
        return f"{_amount(container, reference)} ({reference.get('resource', '')})"
    if origin.get("secretKeyRef"):
        one = origin["secretKeyRef"]
        return (
            f"<set to the key '{one['key']}' in secret '{one['name']}'>\tOptional: {shown(bool(one.get('optional')))}"
        )
    one = origin.get("configMapKeyRef") or {"key": "", "name": ""}
    return (
        f"<set to the key '{one['key']}' of config map '{one['name']}'>\tOptional: {shown(bool(one.get('optional')))}"
    )


def _own_field(pod: Document | None, path: str) -> str:
    """Return the value of a `metadata` field of the pod; "" for what only the node knows."""
    metadata: dict[str, Any] = pod["metadata"] if pod else {}
    root, _, name = path.partition(".")
    if root != "metadata":
        return ""
    if name.endswith("']"):
        group, _, key = name[:-2].partition("['")
        return str((metadata.get(group) or {}).get(key, ""))
    value = metadata.get(name, "")
    if isinstance(value, dict):
        return "\n".join(f'{key}="{one}"' for key, one in sorted(value.items()))
    return str(value)


def _amount(container: Document, reference: Document) -> str:
    """Return a limit or request in units of its divisor, rounded up."""
    group, _, name = str(reference.get("resource", "")).partition(".")
    text = ((container.get("resources") or {}).get(group) or {}).get(name, "0")
    try:
        amount, divisor = parse(str(text)), parse(str(reference.get("divisor") or "0"))
    except BadQuantity:
        return ""
    units = -(-amount.nanos // (divisor.nanos or 10**9))
    return "node allocatable" if not units and reference["resource"] in ("limits.cpu", "limits.memory") else str(units)


def _mounts(sheet: Sheet, container: Document) -> None:
    mounts = sorted(container.get("volumeMounts") or (), key=lambda mount: str(mount["mountPath"]))
    if not mounts:
        sheet.field("Mounts", NONE, _FIELDS)
        return
    sheet.line("Mounts:", _FIELDS)
    for mount in mounts:
        flags = "ro" if mount.get("readOnly") else "rw"
        path = f',path="{mount["subPath"]}"' if mount.get("subPath") else ""
        sheet.line(f"{mount['mountPath']} from {mount['name']} ({flags}{path})", _FIELDS + 1)
