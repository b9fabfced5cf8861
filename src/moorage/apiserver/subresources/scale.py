"""`/scale`: the number of replicas through one shape for every kind that has one.

In: GET, PUT, PATCH with autoscaling/v1 Scale. Out: Scale. A write becomes an update of the parent.
"""

from typing import Any

from moorage.api import decode, labels, meta
from moorage.api.refs import Document
from moorage.apiserver import bodies, errors, patches
from moorage.apiserver.answers import Answer, Plain
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import part
from moorage.apiserver.options import WriteOptions, write_options
from moorage.apiserver.registry import Transform, main_rules
from moorage.apiserver.stored import Stored
from moorage.apiserver.strategy import FieldError, ScalePaths

_API_VERSION = "autoscaling/v1"
_DEFINITION = "io.k8s.api.autoscaling.v1.Scale"


async def get(call: Call, services: Services) -> Answer:
    """Answer the scale of an object. Raises: ApiError."""
    return Plain(_scale_of(services.registry.get(call.order()).document, _paths(call)))


async def update(call: Call, services: Services) -> Answer:
    """Set the number of replicas. Raises: ApiError."""
    options = write_options(call.request, "UpdateOptions")
    scale = bodies.object_of(call, services, _expected(services), options)
    bodies.check_names(call, scale)
    return await _write(call, services, options, lambda _old: scale)


async def patch(call: Call, services: Services) -> Answer:
    """Patch the scale. Raises: ApiError."""
    options = write_options(call.request, "PatchOptions")
    return await _write(call, services, options, patches.transform(call, _expected(services), options))


async def _write(call: Call, services: Services, options: WriteOptions, change: Transform) -> Answer:
    paths = _paths(call)

    def transform(old: Document) -> Document:
        wanted = change(_scale_of(old, paths))
        _check(wanted)
        return _scaled(old, wanted, paths)

    order = call.order(options)
    stored: Stored = await services.registry.update(order, transform, main_rules(call.strategy))
    return Plain(_scale_of(stored.document, paths))


def _scaled(old: Document, wanted: Document, paths: ScalePaths) -> Document:
    """Return the parent with the wanted number of replicas; a resourceVersion in the Scale is a precondition."""
    made = _with(old, paths.replicas, part(wanted, "spec").get("replicas") or 0)
    revision, uid = meta.resource_version(wanted), meta.uid(wanted)
    if uid and uid != meta.uid(old):
        revision = "-1"
    metadata = {**made["metadata"], "resourceVersion": revision or meta.resource_version(old)}
    return {**made, "metadata": metadata}


def _with(document: Document, path: tuple[str, ...], value: Any) -> Document:
    """Return a copy with one value set."""
    head, rest = path[0], path[1:]
    return {**document, head: _with(document.get(head) or {}, rest, value) if rest else value}


def _check(scale: Document) -> None:
    replicas = part(scale, "spec").get("replicas") or 0
    if replicas < 0:
        problem = FieldError("Invalid", "spec.replicas", replicas, "must be greater than or equal to 0")
        raise errors.invalid_kind("Scale", "autoscaling", meta.name(scale), [problem])


def _scale_of(document: Document, paths: ScalePaths) -> Document:
    metadata = meta.metadata(document)
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Document = {"replicas": _value(document, paths.status_replicas) or 0}
    selector = _value(document, paths.selector)
    if selector is not None:
        status["selector"] = str(labels.from_document(selector))
    replicas = _value(document, paths.replicas) or 0
    return {
        "kind": "Scale",
        "apiVersion": _API_VERSION,
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _value(document: Document, path: tuple[str, ...]) -> Any:
    found: Any = document
    for key in path:
        found = (found or {}).get(key)
    return found


def _expected(services: Services) -> decode.Expected:
    return decode.Expected(_API_VERSION, "Scale", services.schemas.table(_DEFINITION))


def _paths(call: Call) -> ScalePaths:
    if call.strategy.scale is None:
        raise errors.no_such_resource()
    return call.strategy.scale
