"""A patch of a client as a function from what is stored to what shall be.

In: a request body and its media type, the kind's type table. Out: `registry.Transform`. `api.patch` does the work;
here its errors become answers (fact sheet apiserver.md 5.5).
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from moorage.api import decode
from moorage.api.jsonwalk import Dialect
from moorage.api.patch import json as json_patch
from moorage.api.patch import merge, strategic
from moorage.api.patch.errors import PatchError
from moorage.api.refs import Document
from moorage.apiserver import bodies, errors, verbatim
from moorage.apiserver.call import Call
from moorage.apiserver.negotiate import media_type
from moorage.apiserver.options import WriteOptions
from moorage.apiserver.registry import Transform
from moorage.apiserver.stored import encode
from moorage.apiserver.strategy import FieldError
from moorage.base.errors import ApiError

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"

Merge = Callable[[Document], Document]


class _Parsed(NamedTuple):
    """A parsed patch: how it applies and respells, how messages show it ("": its outcome), whose texts wrong types get."""

    merge: Merge
    respell: Callable[[Document, str], Document]
    shown: Callable[[], str]
    dialect: Dialect


def transform(call: Call, expected: decode.Expected, options: WriteOptions) -> Transform:
    """Return what a PATCH does to the stored document. Raises: ApiError, also when the outcome is called."""
    try:
        parsed = _parse(call, expected)
    except PatchError as problem:
        raise refused(problem) from problem

    def run(old: Document) -> Document:
        wanted: Document = {}
        try:
            wanted = parsed.respell(parsed.merge(old), call.strategy.verbatim)
            decoded = decode.convert(
                wanted, expected, options.validation, dialect=parsed.dialect, settled=bodies.settled_parts(call, old)
            )
        except PatchError as problem:
            raise refused(problem) from problem
        except decode.BadDocument as problem:
            shown = parsed.shown() or encode(wanted).decode()
            raise _bad_outcome(shown, problem.text) from problem
        call.warnings[:] = [*decoded.warnings]
        _check_same_object(call, decoded.document)
        return decoded.document

    return run


def _parse(call: Call, expected: decode.Expected) -> _Parsed:
    media, body = media_type(call.request), call.request.body
    raw = body if isinstance(body, bytes) else b""
    if media == JSON_PATCH:
        operations: Any = json_patch.parse(raw) if not isinstance(body, list) else body
        return _Parsed(lambda old: json_patch.apply(old, operations), verbatim.spliced, str, "unmarshal")
    if media == MERGE_PATCH:
        patch = body if isinstance(body, dict) else merge.parse(raw)
        return _Parsed(lambda old: merge.apply(old, patch), verbatim.spliced, str, "unmarshal")
    if media == STRATEGIC_PATCH:
        changes = body if isinstance(body, dict) else strategic.parse(raw)
        merged = partial(strategic.apply, patch=changes, table=expected.table)
        return _Parsed(merged, verbatim.rebuilt, partial(go_text, changes), "restore")
    raise errors.unsupported_patch_type()


def _check_same_object(call: Call, document: Document) -> None:
    """A patch changes neither name nor namespace. Raises: ApiError (400)."""
    metadata = document["metadata"]
    name, namespace = metadata.get("name", ""), metadata.get("namespace", "")
    if not name:
        raise errors.bad_request(
            f"the name of the object ({call.route.name} based on URL) was undeterminable: name must be provided"
        )
    if name != call.route.name:
        raise errors.bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({call.route.name})"
        )
    if namespace != call.route.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def refused(problem: PatchError) -> ApiError:
    """Return the answer to a patch that does not parse or apply."""
    if problem.reason == "Unprocessable":
        return errors.unprocessable()
    if problem.reason == "BadRequest":
        return errors.bad_request(problem.text)
    if problem.reason == "TooLarge":
        return errors.failure(413, "RequestEntityTooLarge", problem.text)
    return errors.failure(problem.code, "", problem.text)


def _bad_outcome(shown: str, text: str) -> ApiError:
    """Return the 422 of a patch whose outcome is no object of the kind."""
    problem = FieldError("Invalid", "patch", shown, text)
    return errors.invalid_kind("", "", "", [problem])


def go_text(value: Any) -> str:
    """Return a parsed patch as Go's `%+v` prints it: `map[spec:map[replicas:2]]`."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_text(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(go_text(item) for item in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)
