"""POST to a collection.

In: a body of the kind. Out: 201 and the object as stored.
"""

from moorage.api import meta
from moorage.api.refs import ObjectKey
from moorage.apiserver import bodies
from moorage.apiserver.answers import Answer, One
from moorage.apiserver.call import Call, Services
from moorage.apiserver.options import write_options


async def handle(call: Call, services: Services) -> Answer:
    """Create an object. Raises: ApiError."""
    options = write_options(call.request, "CreateOptions")
    document = bodies.object_of(call, services, services.expected(call.resource), options)
    bodies.check_names(call, document)
    order = call.order(options)
    order.key = ObjectKey(call.route.namespace, meta.name(document))
    return One(await services.registry.create(order, document), 201)
