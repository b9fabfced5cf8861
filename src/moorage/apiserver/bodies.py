"""Request bodies become documents of the expected kind.

In: bytes (JSON, YAML, protobuf) or documents (callers in the process). Out: fresh decoded documents.
"""

from typing import Any

from moorage.api import decode, meta
from moorage.api.refs import Document
from moorage.apiserver import errors
from moorage.apiserver.call import Call
from moorage.apiserver.negotiate import JSON, OFFERED, YAML, media_type
from moorage.apiserver.options import WriteOptions


def object_of(call: Call, expected: decode.Expected, options: WriteOptions) -> Document:
    """Return the body of a create or an update. Raises: ApiError (400, 415)."""
    body = call.request.body
    try:
        if isinstance(body, dict):
            decoded = decode.accept(body, expected, options.validation)
        else:
            decoded = _decode(call, body or b"", expected, options)
    except decode.BadDocument as problem:
        raise errors.bad_request(problem.sentence) from problem
    call.warnings += decoded.warnings
    return decoded.document


def _decode(call: Call, body: bytes, expected: decode.Expected, options: WriteOptions) -> decode.Decoded:
    media = media_type(call.request)
    if media == JSON:
        return decode.decode(body, expected, options.validation)
    if media == YAML:
        return decode.accept(yaml_of(body), expected, options.validation)
    raise errors.unsupported_media_type(OFFERED)


def yaml_of(body: bytes) -> Any:
    """Return a parsed YAML body; JSON is YAML too. Raises: ApiError."""
    import yaml

    try:
        parsed = yaml.load(body, yaml.CSafeLoader)
    except yaml.YAMLError as problem:
        raise errors.bad_request(f"error converting YAML to JSON: {str(problem).splitlines()[0]}") from problem
    if not isinstance(parsed, dict):
        raise errors.bad_request("the body must be an object")
    return parsed


def check_names(call: Call, document: Document) -> None:
    """Fill in name and namespace of the URL, refuse others. Raises: ApiError (400)."""
    metadata = meta.own_metadata(document)
    route = call.route
    name, namespace = metadata.get("name") or "", metadata.get("namespace") or ""
    if route.name and not name:
        metadata["name"] = route.name
    elif route.name and name != route.name:
        raise errors.bad_request(f"the name of the object ({name}) does not match the name on the URL ({route.name})")
    if route.namespace and not namespace:
        metadata["namespace"] = route.namespace
    elif namespace != route.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
