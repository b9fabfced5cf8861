"""Request bodies become documents of the expected kind.

In: bytes (JSON, YAML, protobuf) or documents (callers in the process). Out: fresh decoded documents.
"""

from collections.abc import Collection

from moorage.api import decode, meta, yamltext
from moorage.api.refs import Document
from moorage.apiserver import errors, protobuf, verbatim
from moorage.apiserver.call import Call, Services
from moorage.apiserver.negotiate import JSON, OFFERED, PROTOBUF, YAML, media_type
from moorage.apiserver.options import WriteOptions


def object_of(
    call: Call, services: Services, expected: decode.Expected, options: WriteOptions, settled: Collection[int] = ()
) -> Document:
    """Return the body of a create or an update.

    Args:
        call: with the body.
        services: decode protobuf.
        expected: the kind.
        options: of the request.
        settled: see `settled_parts`.

    Raises: ApiError (400, 415).
    """
    try:
        decoded = _decode(call, services, expected, options, settled)
    except decode.BadDocument as problem:
        raise errors.bad_request(problem.sentence) from problem
    call.warnings += decoded.warnings
    return verbatim.ordered(decoded.document, call.strategy.verbatim)


def settled_parts(call: Call, old: Document | None) -> frozenset[int]:
    """Return the `id`s of the parts of a stored object that a caller in this process may hand back as they are."""
    return frozenset(map(id, call.strategy.settled(old, call.route.subresource))) if old else frozenset()


def _decode(
    call: Call, services: Services, expected: decode.Expected, options: WriteOptions, settled: Collection[int]
) -> decode.Decoded:
    body = call.request.body or b""
    if isinstance(body, dict):
        return decode.accept(body, expected, options.validation, settled=settled)
    media = media_type(call.request)
    if media == JSON:
        decoded = decode.decode(body, expected, options.validation)
        verbatim.keep(decoded.document, call.strategy.verbatim, body)
        return decoded
    if media == YAML:
        return decode.accept(yaml_of(body, expected), expected, options.validation)
    if media == PROTOBUF:
        document = protobuf.decode(body, services.schemas.wire, expected.table.definition)
        return decode.accept(document, expected, options.validation)
    raise errors.unsupported_media_type(OFFERED)


def yaml_of(body: bytes, expected: decode.Expected) -> Document:
    """Return a parsed YAML body. Raises: BadDocument."""
    try:
        parsed = next(yamltext.documents(body.decode("utf-8", "replace")), None)
    except yamltext.BadYaml as problem:
        version = expected.api_version.rpartition("/")[2]
        text = f"strict decoding error: yaml: unmarshal errors:\n  {problem}"
        sentence = f'{expected.kind} in version "{version}" cannot be handled as a {expected.kind}: {text}'
        raise decode.BadDocument(text, sentence) from problem
    if not isinstance(parsed, dict):
        raise decode.BadDocument("the body must be an object")
    return parsed


def check_names(call: Call, document: Document, *, may_lack_name: bool = True) -> None:
    """Fill in name and namespace of the URL, refuse others. Raises: ApiError (400)."""
    metadata = meta.own_metadata(document)
    route = call.route
    name, namespace = metadata.get("name") or "", metadata.get("namespace") or ""
    if route.name and not name and may_lack_name:
        metadata["name"] = route.name
    elif route.name and not name:
        raise errors.bad_request(
            f"the name of the object ({route.name} based on URL) was undeterminable: name must be provided"
        )
    elif route.name and name != route.name:
        raise errors.bad_request(f"the name of the object ({name}) does not match the name on the URL ({route.name})")
    if route.namespace and not namespace:
        metadata["namespace"] = route.namespace
    elif namespace != route.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
