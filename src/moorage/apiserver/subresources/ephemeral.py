"""`pods/ephemeralcontainers`: a debug container joins a running pod.

In: GET, PUT, PATCH with a whole Pod. Out: the Pod; nothing but `spec.ephemeralContainers` changes.
"""

from moorage.api import meta
from moorage.api.refs import Document
from moorage.apiserver import bodies, patches
from moorage.apiserver.answers import Answer, One
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import items, part
from moorage.apiserver.handlers import get as plain
from moorage.apiserver.options import WriteOptions, write_options
from moorage.apiserver.registry import Rules, Transform
from moorage.apiserver.validation.pod import ephemeral_updated

_FIELD = "ephemeralContainers"


async def get(call: Call, services: Services) -> Answer:
    """Answer the Pod."""
    return await plain.handle(call, services)


async def update(call: Call, services: Services) -> Answer:
    """Take the ephemeral containers of a whole Pod. Raises: ApiError."""
    options = write_options(call.request, "UpdateOptions")
    wanted = bodies.object_of(call, services, services.expected(call.resource), options)
    bodies.check_names(call, wanted)
    return await _write(call, services, options, lambda _old: wanted)


async def patch(call: Call, services: Services) -> Answer:
    """Patch the ephemeral containers. Raises: ApiError."""
    options = write_options(call.request, "PatchOptions")
    return await _write(call, services, options, patches.transform(call, services.expected(call.resource), options))


async def _write(call: Call, services: Services, options: WriteOptions, change: Transform) -> Answer:
    default = call.strategy.default

    def transform(old: Document) -> Document:
        wanted = change(old)
        default(wanted)
        spec = {**part(old, "spec"), _FIELD: items(wanted, "spec", _FIELD)}
        if not spec[_FIELD]:
            del spec[_FIELD]
        metadata = {**meta.metadata(old), "resourceVersion": meta.resource_version(wanted)}
        return {**old, "metadata": metadata, "spec": spec}

    rules = Rules(lambda _new, _old: None, ephemeral_updated)
    return One(await services.registry.update(call.order(options), transform, rules))
