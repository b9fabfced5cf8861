"""DELETE of a collection: every selected object, each as a single DELETE would.

In: selectors and delete options. Out: the list of what was selected, as it was before.
"""

from moorage.apiserver.answers import Answer, Many
from moorage.apiserver.call import Call, Services
from moorage.apiserver.handlers import list as listing
from moorage.apiserver.options import delete_options
from moorage.base.errors import ApiError


async def handle(call: Call, services: Services) -> Answer:
    """Delete every selected object. Raises: ApiError."""
    options = delete_options(call.request)
    found = await listing.handle(call, services)
    assert isinstance(found, Many)
    for stored in found.items:
        order = call.order()
        order.key = stored.key
        try:
            await services.deleter.delete(order, options)
        except ApiError as problem:
            if problem.code != 404:
                raise
    return found
