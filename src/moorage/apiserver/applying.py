"""The apply patch as an answer: merges a manager's configuration, or creates the object from it.

In: a PATCH of type `application/apply-patch+yaml`. Out: the object as stored, 201 where it was created. `api.patch.apply`
does the merging; here its errors become answers (fact sheet apiserver.md 5.6).
"""

from moorage.api import decode, meta, yamltext
from moorage.api.patch.apply import merge
from moorage.api.patch.apply.fieldset import compact
from moorage.api.patch.errors import PatchError
from moorage.api.refs import Document
from moorage.apiserver import attempts, bodies, errors, ownership, patches, verbatim
from moorage.apiserver.answers import Answer, One
from moorage.apiserver.call import Call, Services
from moorage.apiserver.options import WriteOptions
from moorage.apiserver.registry import Rules


async def handle(call: Call, services: Services, options: WriteOptions, rules: Rules) -> Answer:
    """Apply a configuration. Raises: ApiError."""
    config = _configuration(call)
    order = call.order(options)
    order.applies = True

    def merged(old: Document | None) -> Document:
        return _merged(call, services, options, old, config)

    if services.cache.get(call.resource, call.route.key) is None:
        if call.route.subresource:
            raise errors.not_found(call.resource, call.route.name)
        attempts.allow_create(call, services)
        document = merged(None)
        meta.own_metadata(document).pop("resourceVersion", None)
        return One(await services.registry.create(order, document), 201)
    return One(await services.registry.update(order, merged, rules))


def _configuration(call: Call) -> Document:
    """Return the body. Raises: ApiError (400)."""
    body = call.request.body
    config = body if isinstance(body, dict) else _parsed(body if isinstance(body, bytes) else b"")
    for key, name in (("kind", "Kind"), ("apiVersion", "apiVersion")):
        if not config.get(key):
            raise errors.bad_request(f"Object '{name}' is missing in '{compact(config)}'")
    return config


def _parsed(body: bytes) -> Document:
    try:
        config = next(yamltext.documents(body.decode("utf-8", "replace")), None)
    except yamltext.BadYaml as problem:
        raise errors.bad_request(f"error decoding YAML: {problem}") from problem
    if not isinstance(config, dict):
        raise errors.bad_request("error decoding YAML: the configuration must be an object")
    return config


def _merged(call: Call, services: Services, options: WriteOptions, old: Document | None, config: Document) -> Document:
    """Return the live object with the configuration applied, decoded. Raises: ApiError."""
    expected = services.expected(call.resource)
    writer = ownership.writer_of(call.strategy, call.route.subresource, options.manager)
    request = merge.Request(writer, services.ambient.clock.now(), force=bool(options.force))
    try:
        applied = merge.apply(old, config, request, expected.table)
        decoded = decode.convert(
            verbatim.rebuilt(applied.document, call.strategy.verbatim), expected, options.validation
        )
    except merge.Conflicts as conflicts:
        raise errors.failure(409, "Conflict", str(conflicts), {"causes": conflicts.causes}) from conflicts
    except PatchError as problem:
        raise patches.refused(problem) from problem
    except decode.BadDocument as problem:
        raise errors.bad_request(problem.sentence) from problem
    call.warnings[:] = [*decoded.warnings]
    bodies.check_names(call, decoded.document, may_lack_name=False)
    return decoded.document
