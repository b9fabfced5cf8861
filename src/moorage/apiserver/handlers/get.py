"""GET of one object.

In: a route with a name. Out: the stored object.
"""

from moorage.apiserver.answers import Answer, One
from moorage.apiserver.call import Call, Services
from moorage.apiserver.handlers.revisions import caught_up


async def handle(call: Call, services: Services) -> Answer:
    """Answer the object, not older than the request's resourceVersion. Raises: ApiError (404, 504)."""
    await caught_up(call.request, services)
    return One(services.registry.get(call.order()))
