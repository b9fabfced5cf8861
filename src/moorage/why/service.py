"""Why a Service has no ready endpoints.

In: a Service and the picture. Out: `Found`s; none where every selected pod serves.
"""

from collections.abc import Iterator
from dataclasses import replace

from moorage.api import conditions, labels, meta
from moorage.api.refs import Document
from moorage.api.scheme import ENDPOINTSLICES, PODS, SERVICES, STATEFULSETS
from moorage.api.views.network import SERVICE_LABEL
from moorage.why import pod as pods
from moorage.why.gate import Found, ref_of
from moorage.why.picture import Picture


def reasons(service: Document, picture: Picture) -> list[Found]:
    """Return what keeps a Service from reaching pods."""
    spec = service["spec"]
    if spec.get("type") == "ExternalName" or not spec.get("selector"):
        return []
    selected = selected_pods(service, picture)
    if not selected:
        return [_nobody(service, picture)]
    own = ref_of(SERVICES, service)
    waiting = [] if spec.get("publishNotReadyAddresses") else selected
    serves = any(conditions.is_true(pod, "Ready") for pod in selected)
    held = [replace(found.below(own), mild=serves) for pod in waiting for found in pods.reasons(pod, picture)]
    return [*_ports(service, selected), *held] or [*_slices(service, selected, picture)]


def selected_pods(service: Document, picture: Picture) -> list[Document]:
    """Return the pods a Service selects."""
    selector = labels.from_map(service["spec"].get("selector"))
    return [pod for pod in picture.all(PODS, meta.namespace(service)) if selector.matches(meta.labels(pod))]


def _nobody(service: Document, picture: Picture) -> Found:
    """No pod has the labels: say whose pods were probably meant."""
    own = ref_of(SERVICES, service)
    selector = ",".join(f"{key}={value}" for key, value in service["spec"]["selector"].items())
    sets = [one for one in picture.all(STATEFULSETS, own.namespace) if one["spec"].get("serviceName") == own.name]
    meant = "".join(
        f"; StatefulSet {meta.name(one)} names this Service, its pods have {_template(one)}" for one in sets
    )
    since = str(meta.metadata(service).get("creationTimestamp") or "")
    return Found("NoPodsSelected", own, f"no pod has {selector}{meant}", since, words={"selector": selector})


def _template(owner: Document) -> str:
    found = meta.labels(owner["spec"].get("template") or {})
    return ",".join(f"{key}={value}" for key, value in found.items()) or "no labels"


def _ports(service: Document, selected: list[Document]) -> Iterator[Found]:
    """Find target ports by a name that no container has."""
    known = {
        port.get("name")
        for pod in selected
        for container in pod["spec"].get("containers") or ()
        for port in container.get("ports") or ()
    }
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort")
        if isinstance(target, str) and target not in known:
            text = f'targetPort "{target}": no container of the selected pods has a port of that name'
            since = str(meta.metadata(service).get("creationTimestamp") or "")
            yield Found("PortNameUnknown", ref_of(SERVICES, service), text, since, words={"port": target})


def _slices(service: Document, selected: list[Document], picture: Picture) -> Iterator[Found]:
    """Find ready pods that no EndpointSlice has yet."""
    own = ref_of(SERVICES, service)
    found = [
        (endpoint.get("targetRef") or {}).get("uid")
        for piece in picture.all(ENDPOINTSLICES, own.namespace)
        if meta.labels(piece).get(SERVICE_LABEL) == own.name
        for endpoint in piece.get("endpoints") or ()
    ]
    late = [meta.name(pod) for pod in selected if conditions.is_true(pod, "Ready") and meta.uid(pod) not in found]
    if late:
        since = str(meta.metadata(service).get("creationTimestamp") or "")
        yield Found("EndpointsBehind", own, f"ready, but in no EndpointSlice: {', '.join(late)}", since)
