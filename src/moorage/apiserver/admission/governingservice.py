"""moorage's own: warn when a StatefulSet names a Service that is not there.

In: StatefulSets. Out: a warning that names the headless Service that does select its pods. Kubernetes accepts this silently
and no peer name ever resolves; we accept it too, and say so.
"""

from collections.abc import Mapping

from moorage.api import labels, meta, scheme
from moorage.api.refs import Document
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import part


def check(write: Write, world: World) -> None:
    """Warn if the governing Service is missing though another one fits: a Service may well be made after its set."""
    name = part(write.new, "spec").get("serviceName") or ""
    namespace = write.key.namespace
    if not name or world.get(scheme.SERVICES, namespace, name) is not None:
        return
    fitting = _headless(namespace, meta.labels(part(write.new, "spec", "template")), world)
    if fitting:
        write.warnings.append(
            f'StatefulSet "{write.shown_name}" names the Service "{name}", which does not exist: '
            f'peer names will not resolve; the headless Service "{fitting}" selects these pods'
        )


def _headless(namespace: str, pod_labels: Mapping[str, str], world: World) -> str:
    for stored in world.all_of(scheme.SERVICES, namespace):
        spec: Document = part(stored.document, "spec")
        selector = spec.get("selector")
        if spec.get("clusterIP") == "None" and selector and labels.from_map(selector).matches(pod_labels):
            return stored.key.name
    return ""


GATE = Gate("GoverningService", check, (scheme.STATEFULSETS,), operations=("CREATE", "UPDATE"))
