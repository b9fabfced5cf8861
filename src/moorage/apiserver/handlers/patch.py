"""PATCH of an object or its `/status`: JSON, merge, strategic merge, apply.

In: a patch and its media type. Out: the object as stored; apply may create it (201).
"""

from moorage.apiserver import applying, patches
from moorage.apiserver.answers import Answer, One
from moorage.apiserver.call import Call, Services
from moorage.apiserver.negotiate import APPLY_PATCH, media_type
from moorage.apiserver.options import write_options
from moorage.apiserver.registry import main_rules, status_rules


async def handle(call: Call, services: Services) -> Answer:
    """Patch an object. Raises: ApiError."""
    options = write_options(call.request, "PatchOptions")
    rules = status_rules(call.strategy) if call.route.subresource == "status" else main_rules(call.strategy)
    if media_type(call.request) == APPLY_PATCH:
        return await applying.handle(call, services, options, rules)
    transform = patches.transform(call, services.expected(call.resource), options)
    return One(await services.registry.update(call.order(options), transform, rules))
