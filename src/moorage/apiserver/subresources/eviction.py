"""`pods/eviction`: delete a pod if no disruption budget objects.

In: POST of a policy/v1 Eviction. Out: Status Success. Budgets come with their kind in a later issue.
"""

from moorage.api import decode
from moorage.api.refs import Document
from moorage.apiserver import bodies
from moorage.apiserver.answers import Answer, Plain
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import part
from moorage.apiserver.options import DeleteOptions, write_options

_DEFINITION = "io.k8s.api.policy.v1.Eviction"


def _version(call: Call) -> str:
    """Return the API version of a body: the older one is still understood."""
    body = call.request.body
    older = "policy/v1beta1" in body.values() if isinstance(body, dict) else b"policy/v1beta1" in (body or b"")
    return "policy/v1beta1" if older else "policy/v1"


async def create(call: Call, services: Services) -> Answer:
    """Evict a pod. Raises: ApiError."""
    options = write_options(call.request, "CreateOptions")
    table = services.schemas.table(_DEFINITION)
    eviction = bodies.object_of(call, services, decode.Expected(_version(call), "Eviction", table), options)
    bodies.check_names(call, eviction)
    asked = part(eviction, "deleteOptions")
    preconditions: Document = part(asked, "preconditions")
    await services.deleter.delete(
        call.order(options),
        DeleteOptions(
            options.dry_run or bool(asked.get("dryRun")),
            asked.get("gracePeriodSeconds"),
            asked.get("propagationPolicy") or "",
            uid=preconditions.get("uid") or "",
            resource_version=preconditions.get("resourceVersion") or "",
        ),
    )
    success = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return Plain(success, 201)
