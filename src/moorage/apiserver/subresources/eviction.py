"""`pods/eviction`: delete a pod if its disruption budget allows.

In: POST of a policy/v1 Eviction. Out: Status Success, or 429 with cause DisruptionBudget. A granted eviction is first
spent from the budget's status (compare-and-swap: never two from one), then carried out, with a mark on the pod.
Rules: pkg/registry/core/pod/storage/eviction.go (1.32); fact sheet reliability.md PD1, PD2.
"""

from dataclasses import replace

from moorage.api import conditions, decode, meta, scheme
from moorage.api.refs import Document, ObjectKey
from moorage.apiserver import bodies, errors
from moorage.apiserver.answers import Answer, Plain
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import part
from moorage.apiserver.options import DeleteOptions, WriteOptions, write_options
from moorage.apiserver.registry import Order, status_rules
from moorage.apiserver.stored import Stored
from moorage.apiserver.subresources import disruption
from moorage.apiserver.watchers import Selection
from moorage.base.errors import ApiError
from moorage.base.limits import EVICTION_TRIES
from moorage.client.ports import User

_DEFINITION = "io.k8s.api.policy.v1.Eviction"
_LOOPBACK = User("system:apiserver", ("system:masters",))
_MANAGER = "kube-apiserver"
_ENDED = ("Succeeded", "Failed")
_MARK: Document = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}


async def create(call: Call, services: Services) -> Answer:
    """Evict a pod. Raises: ApiError."""
    options = write_options(call.request, "CreateOptions")
    table = services.schemas.table(_DEFINITION)
    eviction = bodies.object_of(call, services, decode.Expected(_version(call), "Eviction", table), options)
    bodies.check_names(call, eviction)
    deletion = _deletion(options, part(eviction, "deleteOptions"))
    await _until_settled(replace(call.order(options), dry_run=deletion.dry_run), services, deletion)
    success = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return Plain(success, 201)


async def _until_settled(order: Order, services: Services, deletion: DeleteOptions) -> None:
    """Evict; where the pod changed while no budget had to be asked, look again. Raises: ApiError."""
    for _ in range(EVICTION_TRIES):
        pod = services.registry.get(order)
        try:
            await _evict(order, services, pod, deletion)
        except ApiError as problem:
            if problem.reason != "Conflict" or deletion.resource_version or not _is_free(pod.document):
                raise
        else:
            return
    raise errors.modified(order.resource, order.key.name)


def _version(call: Call) -> str:
    """Return the API version of a body: the older one is still understood."""
    body = call.request.body
    older = "policy/v1beta1" in body.values() if isinstance(body, dict) else b"policy/v1beta1" in (body or b"")
    return "policy/v1beta1" if older else "policy/v1"


def _deletion(options: WriteOptions, asked: Document) -> DeleteOptions:
    preconditions = part(asked, "preconditions")
    return DeleteOptions(
        options.dry_run or bool(asked.get("dryRun")),
        asked.get("gracePeriodSeconds"),
        asked.get("propagationPolicy") or "",
        uid=preconditions.get("uid") or "",
        resource_version=preconditions.get("resourceVersion") or "",
    )


async def _evict(order: Order, services: Services, pod: Stored, deletion: DeleteOptions) -> None:
    """Ask the budget, then delete. Raises: ApiError."""
    document = pod.document
    if _is_free(document):
        ended = meta.is_deleting(document) or part(document, "status").get("phase") in _ENDED
        # A pending pod may turn ready in between: then it is another question.
        await _delete(order, services, deletion if ended else _pinned(deletion, pod))
        return
    budgets = services.cache.shelf(scheme.PODDISRUPTIONBUDGETS).select(Selection(order.key.namespace))
    budget = disruption.budget_of(document, [one.document for one in budgets])
    if budget is None:
        await _delete(order, services, deletion)
    elif disruption.is_unguarded(document, budget):
        await _delete_unguarded(order, services, _pinned(deletion, pod), budget)
    else:
        await _spend(order, services, meta.name(budget))
        await _delete(order, services, deletion)


async def _spend(order: Order, services: Services, budget: str) -> None:
    """Take one disruption from the status of a budget. Raises: ApiError (403, 404, 429, 504)."""
    strategy = services.strategies[scheme.PODDISRUPTIONBUDGETS]
    key = ObjectKey(order.key.namespace, budget)
    spending = Order(strategy, key, _LOOPBACK, order.dry_run, subresource="status", manager=_MANAGER)
    now = services.ambient.clock.now()
    for _ in range(EVICTION_TRIES):
        try:
            await services.registry.update(
                spending, lambda old: disruption.spent(old, order.key.name, now), status_rules(strategy)
            )
        except ApiError as problem:
            if problem.reason != "Conflict":
                raise
        else:
            return
    raise disruption.contended(budget)


async def _delete_unguarded(order: Order, services: Services, deletion: DeleteOptions, budget: Document) -> None:
    """Delete a pod that counts for nothing as long as it is as it was seen. Raises: ApiError."""
    try:
        await _delete(order, services, deletion)
    except ApiError as problem:
        if problem.reason != "Conflict":
            raise
        raise disruption.busy(meta.name(budget)) from problem


async def _delete(order: Order, services: Services, deletion: DeleteOptions) -> None:
    """Delete the pod, and mark it in the same write: a refused eviction leaves no mark (PD2). Raises: ApiError."""
    now = services.ambient.clock.now()

    def marked(pod: Document) -> Document:
        status = dict(part(pod, "status"))
        status["conditions"] = conditions.with_condition(conditions.conditions(pod), _MARK, now)
        return {**pod, "status": status}

    await services.deleter.delete(order, deletion, marked)


def _is_free(pod: Document) -> bool:
    """Return whether no budget is asked: the pod is over or going, or it has not begun."""
    return meta.is_deleting(pod) or part(pod, "status").get("phase") in (*_ENDED, "Pending")


def _pinned(deletion: DeleteOptions, pod: Stored) -> DeleteOptions:
    """Return options that hold only for the pod as it was seen; what the client asked for goes before."""
    return deletion if deletion.resource_version else replace(deletion, resource_version=str(pod.revision))
