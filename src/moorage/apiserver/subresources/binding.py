"""`pods/binding`: a pod gets its node, once.

In: POST of a Binding. Out: Status Success. Rules: pkg/registry/core/pod/storage (assignPod); beyond it, no pod is bound
that uses a claim which is going (fact sheet reliability.md VO5), however old the claims are that the scheduler saw.
"""

from moorage.api import conditions, decode, meta, scheme
from moorage.api.refs import Document, ObjectKey
from moorage.api.views import convert
from moorage.api.views.pod import Pod
from moorage.apiserver import bodies, errors
from moorage.apiserver.answers import Answer, Plain
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import items, part
from moorage.apiserver.options import write_options
from moorage.apiserver.registry import bare_rules
from moorage.base.errors import ApiError

_DEFINITION = "io.k8s.api.core.v1.Binding"
_KIND = "pods/binding"


async def create(call: Call, services: Services) -> Answer:
    """Bind a pod. Raises: ApiError (404, 409)."""
    options = write_options(call.request, "CreateOptions")
    expected = decode.Expected("v1", "Binding", services.schemas.table(_DEFINITION))
    binding = bodies.object_of(call, services, expected, options)
    bodies.check_names(call, binding)
    target = part(binding, "target")
    if target.get("kind", "") not in ("", "Node"):
        text = f'target.kind: Unsupported value: "{target["kind"]}": supported values: "<empty>", "Node"'
        raise errors.failure(500, "", text)
    if not target.get("name"):
        raise errors.failure(500, "", "target.name: Required value")
    order = call.order(options)
    order.strategy = services.strategies[scheme.PODS]
    order.key = ObjectKey(call.route.namespace, meta.name(binding))
    await services.registry.update(order, lambda old: _bound(old, binding, services), bare_rules())
    success = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return Plain(success, 201)


def _bound(pod: Document, binding: Document, services: Services) -> Document:
    """Return the pod on its node, scheduled. Raises: ApiError (409)."""
    _check(pod, binding)
    _check_claims(pod, services)
    metadata = dict(meta.metadata(pod))
    if meta.annotations(binding):
        metadata["annotations"] = {**meta.annotations(pod), **meta.annotations(binding)}
    status = dict(part(pod, "status"))
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None}
    present = [one for one in conditions.conditions(pod) if one.get("type") != "PodScheduled"]
    now = services.ambient.clock.now()
    status["conditions"] = conditions.with_condition(present, scheduled, now)
    spec = {**part(pod, "spec"), "nodeName": binding["target"]["name"]}
    return {**pod, "metadata": metadata, "spec": spec, "status": status}


def _check(pod: Document, binding: Document) -> None:
    name = meta.name(pod)
    wanted, uid = meta.uid(binding), meta.uid(pod)
    if wanted and wanted != uid:
        sentence = f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}"
        raise errors.conflict(scheme.PODS, name, sentence)
    if meta.is_deleting(pod):
        raise _conflict(name, f"pod {name} is being deleted, cannot be assigned to a host")
    node = part(pod, "spec").get("nodeName")
    if node:
        raise _conflict(name, f'pod {name} is already assigned to node "{node}"')
    if items(pod, "spec", "schedulingGates"):
        raise _conflict(name, f"pod {name} has non-empty .spec.schedulingGates")


def _check_claims(pod: Document, services: Services) -> None:
    """Refuse a pod with a claim that is going. Raises: ApiError (409).

    Claims are read at the version of the pod that is replaced: who lets a claim go (`controllers.protection`) first
    makes each pod without a node that uses it a newer one, so a binding comes before that, or reads the claim after it.
    """
    for name in convert(Pod, pod).claim_names:
        claim = services.cache.get(scheme.PERSISTENTVOLUMECLAIMS, ObjectKey(meta.namespace(pod), name))
        if claim is not None and meta.is_deleting(claim.document):
            raise _conflict(meta.name(pod), f'persistentvolumeclaim "{name}" is being deleted')


def _conflict(name: str, sentence: str) -> ApiError:
    message = f'Operation cannot be fulfilled on {_KIND} "{name}": {sentence}'
    return errors.failure(409, "Conflict", message, {"name": name, "kind": _KIND})
