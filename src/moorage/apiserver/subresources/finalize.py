"""`namespaces/finalize`: the last word on a namespace that is going.

In: PUT of a Namespace. Out: it, with new `spec.finalizers`; gone when none is left.
"""

from moorage.api import meta
from moorage.api.refs import Document
from moorage.apiserver import bodies
from moorage.apiserver.answers import Answer, One
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import items, part
from moorage.apiserver.options import write_options
from moorage.apiserver.registry import bare_rules


async def update(call: Call, services: Services) -> Answer:
    """Replace `spec.finalizers`. Raises: ApiError."""
    options = write_options(call.request, "UpdateOptions")
    wanted = bodies.object_of(call, services, services.expected(call.resource), options)
    bodies.check_names(call, wanted)

    def transform(old: Document) -> Document:
        spec = {**part(old, "spec"), "finalizers": items(wanted, "spec", "finalizers")}
        metadata = {**meta.metadata(old), "resourceVersion": meta.resource_version(wanted)}
        return {**old, "metadata": metadata, "spec": spec}

    return One(await services.registry.update(call.order(options), transform, bare_rules()))
