"""DELETE of one object.

In: delete options. Out: Status Success if it is gone (or the object, for some kinds), else the object as it waits.
"""

from moorage.api import meta, scheme
from moorage.api.refs import Resource
from moorage.apiserver import errors
from moorage.apiserver.answers import Answer, One, Plain
from moorage.apiserver.call import Call, Services
from moorage.apiserver.options import delete_options

RETURNS_DELETED: frozenset[Resource] = frozenset(
    {
        scheme.PODS,
        scheme.SERVICES,
        scheme.SERVICEACCOUNTS,
        scheme.PERSISTENTVOLUMES,
        scheme.PERSISTENTVOLUMECLAIMS,
        scheme.STORAGECLASSES,
    }
)
"""Kinds whose deletion answers the object though it is gone (ReturnDeletedObject upstream)."""


async def handle(call: Call, services: Services) -> Answer:
    """Delete an object. Raises: ApiError."""
    options = delete_options(call.request)
    order = call.order()
    outcome = await services.deleter.delete(order, options)
    if not outcome.gone or call.resource in RETURNS_DELETED:
        return One(outcome.stored)
    return Plain(errors.success(call.resource, call.route.name, meta.uid(outcome.stored.document)))
