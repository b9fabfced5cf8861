"""PUT of an object or its `/status`.

In: a whole body. Out: the object as stored; 201 where PUT of a missing object creates it.
"""

import copy

from moorage.api import meta
from moorage.api.refs import Document
from moorage.apiserver import attempts, bodies, errors
from moorage.apiserver.answers import Answer, One
from moorage.apiserver.call import Call, Services
from moorage.apiserver.options import write_options
from moorage.apiserver.registry import main_rules, status_rules


async def handle(call: Call, services: Services) -> Answer:
    """Replace an object. Raises: ApiError."""
    options = write_options(call.request, "UpdateOptions")
    present = services.cache.get(call.resource, call.route.key)
    settled = bodies.settled_parts(call, present.document if present else None)
    document = bodies.object_of(call, services, services.expected(call.resource), options, settled)
    bodies.check_names(call, document, may_lack_name=False)
    order = call.order(options)
    order.uid = meta.uid(document)
    if present is None and call.strategy.create_on_update and not call.route.subresource:
        attempts.allow_create(call, services)
        if order.uid:
            sentence = f"Precondition failed: UID in precondition: {order.uid}, UID in object meta: "
            raise errors.conflict(call.resource, call.route.name, sentence)
        meta.own_metadata(document).pop("resourceVersion", None)
        return One(await services.registry.create(order, document), 201)
    rules = status_rules(call.strategy) if call.route.subresource == "status" else main_rules(call.strategy)

    given = meta.resource_version(document)

    def replace(old: Document) -> Document:
        if given not in ("", "0", meta.resource_version(old)):
            raise errors.modified(call.resource, call.route.name)
        # A retry needs the client's document as it came: the registry makes it its own.
        return document if given else copy.deepcopy(document)

    return One(await services.registry.update(order, replace, rules))
