"""Defaults of pod specs: what a template gets in a workload, and what a pod gets on top.

In: specs and templates, changed in place. Out: nothing. The bytes of a template decide the name of its revision
(fact sheet statefulset.md 1.4), so nothing may be filled in a template that upstream does not fill.
"""

from collections.abc import Iterator
from types import MappingProxyType

from moorage.api.refs import Document
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.images import pull_policy
from moorage.apiserver.defaulting.resources import default_amounts, default_requests
from moorage.apiserver.defaulting.volumes import default_field_reference, default_volume
from moorage.apiserver.documents import items, part

_SPEC = MappingProxyType(
    {
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
    }
)
_GRACE_SECONDS = 30
_CONTAINER = MappingProxyType(
    {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "resources": {}}
)
_PROBE = MappingProxyType({"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3})
_HTTP_GET = MappingProxyType({"path": "/", "scheme": "HTTP"})
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def default_template(template: Document) -> None:
    """Fill a pod template."""
    template.setdefault("metadata", {})
    default_spec(template.setdefault("spec", {}))


def default_spec(spec: Document) -> None:
    """Fill what every pod spec gets, in a template or in a pod."""
    fill(spec, {"terminationGracePeriodSeconds": _GRACE_SECONDS})
    fill_empty(spec, _SPEC)
    _same_account(spec)
    if not spec.get("containers"):
        spec["containers"] = None  # Go writes a list that may not be empty even when it is
    for volume in items(spec, "volumes"):
        default_volume(volume)
    for container in containers(spec):
        _container(container)
    default_amounts(part(spec, "overhead"))


def default_pod(spec: Document) -> None:
    """Fill a pod's own spec: what a template gets, and requests from limits, service links, host ports."""
    for container in (*items(spec, "initContainers"), *items(spec, "containers")):
        default_requests(container.setdefault("resources", {}))
        if spec.get("hostNetwork"):
            _host_ports(container)
    fill(spec, {"enableServiceLinks": True})
    default_spec(spec)


def containers(spec: Document) -> Iterator[Document]:
    """Return init, ordinary and ephemeral containers."""
    for key in ("initContainers", "containers", "ephemeralContainers"):
        yield from items(spec, key)


def _same_account(spec: Document) -> None:
    """Keep the deprecated `serviceAccount` equal to `serviceAccountName`."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account


def _container(container: Document) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = pull_policy(container.get("image") or "")
    fill_empty(container, _CONTAINER)
    for port in items(container, "ports"):
        fill_empty(port, {"protocol": "TCP"})
    for variable in items(container, "env"):
        default_field_reference(part(variable, "valueFrom"))
    default_amounts(part(container, "resources", "limits"))
    default_amounts(part(container, "resources", "requests"))
    for name in _PROBES:
        if name in container:
            _probe(container[name])
    for handler in part(container, "lifecycle").values():
        if isinstance(handler, dict):
            _http_get(handler)


def _probe(probe: Document) -> None:
    fill_empty(probe, _PROBE)
    _http_get(probe)
    if "grpc" in probe:
        fill(probe["grpc"], {"service": ""})


def _http_get(handler: Document) -> None:
    if "httpGet" in handler:
        fill_empty(handler["httpGet"], _HTTP_GET)


def _host_ports(container: Document) -> None:
    """On the node's network a container port is a host port."""
    for port in items(container, "ports"):
        if not port.get("hostPort") and port.get("containerPort"):
            port["hostPort"] = port["containerPort"]
