"""Status documents for everything that can go wrong, in upstream's words.

In: what went wrong. Out: `ApiError` values to raise, or Status documents. Texts: fact sheet apiserver.md 5.2
(k8s.io/apimachinery/pkg/api/errors). Field errors come from `apiserver.kinds`.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from moorage.api.goquote import quote
from moorage.api.refs import Document, Resource
from moorage.apiserver.strategy import FieldError, GoText
from moorage.base.errors import ApiError

_LABELS = {
    "Required": "Required value",
    "Invalid": "Invalid value",
    "NotSupported": "Unsupported value",
    "Forbidden": "Forbidden",
    "Duplicate": "Duplicate value",
    "NotFound": "Not found",
    "TooLong": "Too long",
    "TooMany": "Too many",
    "TypeInvalid": "Invalid value",
}
_WITHOUT_VALUE = frozenset({"Required", "Forbidden", "TooLong"})


class Cause(NamedTuple):
    """One entry of `details.causes`."""

    reason: str
    message: str
    field: str = ""

    def document(self) -> Document:
        """Return the cause as on the wire: an absent field is left out."""
        made = {"reason": self.reason, "message": self.message}
        return {**made, "field": self.field} if self.field else made


def status(code: int, reason: str, message: str, details: Document | None = None) -> Document:
    """Return a failure Status."""
    made: Document = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
    }
    if reason:
        made["reason"] = reason
    if details is not None:
        made["details"] = details
    made["code"] = code
    return made


def failure(code: int, reason: str, message: str, details: Document | None = None) -> ApiError:
    """Return the error that answers a failure Status."""
    return ApiError(status(code, reason, message, details))


def details_of(resource: Resource, name: str = "", uid: str = "", causes: Sequence[Cause] = ()) -> Document:
    """Return `details` of an answer about one object; `kind` is the plural, as upstream has it."""
    made: Document = {"name": name, "group": resource.group, "kind": resource.plural, "uid": uid}
    made = {key: value for key, value in made.items() if value}
    if causes:
        made["causes"] = [cause.document() for cause in causes]
    return made


def success(resource: Resource, name: str, uid: str) -> Document:
    """Return the Status that answers a finished deletion."""
    details = details_of(resource, name, uid)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def not_found(resource: Resource, name: str) -> ApiError:
    """Return the error for an object that does not exist."""
    return failure(404, "NotFound", f'{resource.qualified} "{name}" not found', details_of(resource, name))


def no_such_resource() -> ApiError:
    """Return the error for a resource or version nobody serves."""
    return failure(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(resource: Resource, name: str) -> ApiError:
    """Return the error for a name that is taken."""
    message = f'{resource.qualified} "{name}" already exists'
    return failure(409, "AlreadyExists", message, details_of(resource, name))


def conflict(resource: Resource, name: str, sentence: str) -> ApiError:
    """Return the error for a write that no longer fits what is stored."""
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {sentence}'
    return failure(409, "Conflict", message, details_of(resource, name))


def still_there(resource: Resource, name: str) -> ApiError:
    """Return the error for a new object whose name one that is being deleted still holds."""
    message = f'object is being deleted: {resource.qualified} "{name}" already exists'
    return failure(409, "AlreadyExists", message, details_of(resource, name))


def precondition(resource: Resource, name: str, sentence: str) -> ApiError:
    """Return the error for a deletion whose precondition fails; it names the kind where others name the resource."""
    message = f'Operation cannot be fulfilled on {_qualified(resource.kind, resource.group)} "{name}": {sentence}'
    details = {"name": name, "group": resource.group, "kind": resource.kind}
    return failure(409, "Conflict", message, {key: value for key, value in details.items() if value})


def modified(resource: Resource, name: str) -> ApiError:
    """Return the error for a stale resourceVersion."""
    sentence = "the object has been modified; please apply your changes to the latest version and try again"
    return conflict(resource, name, sentence)


def bad_request(message: str) -> ApiError:
    """Return the error for a request that makes no sense."""
    return failure(400, "BadRequest", message)


def forbidden(resource: Resource, name: str, sentence: str, causes: Sequence[Cause] = ()) -> ApiError:
    """Return the error for what policy does not allow: `pods "x" is forbidden: sentence`."""
    about = f'{resource.qualified} "{name}"' if name else resource.qualified
    return failure(403, "Forbidden", f"{about} is forbidden: {sentence}", details_of(resource, name, causes=causes))


def method_not_allowed() -> ApiError:
    """Return the error for a verb the resource does not take."""
    message = "the server does not allow this method on the requested resource"
    return failure(405, "MethodNotAllowed", message, {})


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """Return the error for a body of a type nobody decodes."""
    listed = ", ".join(accepted)
    message = f"the body of the request was in an unknown format - accepted media types include: {listed}"
    return failure(415, "UnsupportedMediaType", message)


def unsupported_patch_type() -> ApiError:
    """Return the error for a patch of a type nobody applies: upstream's router answers it, in its own words."""
    return failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def not_acceptable(offered: Sequence[str]) -> ApiError:
    """Return the error for an Accept header that nothing satisfies."""
    message = f"only the following media types are accepted: {', '.join(offered)}"
    return failure(406, "NotAcceptable", message)


def no_representation(offered: Sequence[str]) -> ApiError:
    """Return the error for an Accept header without any media type known: upstream's router answers it."""
    message = f"406: Not Acceptable\n\nAvailable representations: {', '.join(offered)}"
    return failure(406, "NotAcceptable", message, {})


def unprocessable() -> ApiError:
    """Return the error for a JSON patch whose test or path fails."""
    return failure(422, "Invalid", "the server rejected our request due to an error in our request", {})


def internal(message: str) -> ApiError:
    """Return the error for a fault of our own."""
    causes = [{"message": message}]
    return failure(500, "InternalError", f"Internal error occurred: {message}", {"causes": causes})


def too_large_revision(asked: int, current: int) -> ApiError:
    """Return the error for a read at a revision that was not reached in time."""
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    return failure(504, "Timeout", message, {"causes": causes, "retryAfterSeconds": 1})


def expired(message: str) -> ApiError:
    """Return the error for history that is no longer kept."""
    return failure(410, "Expired", message)


def unavailable(message: str, seconds: int = 1) -> ApiError:
    """Return the error for what may work later."""
    return failure(503, "ServiceUnavailable", message, {"retryAfterSeconds": seconds})


def invalid(resource: Resource, name: str, problems: Sequence[FieldError]) -> ApiError:
    """Return the error for an object that validation refused."""
    return invalid_kind(resource.kind, resource.group, name, problems)


def invalid_kind(kind: str, group: str, name: str, problems: Sequence[FieldError]) -> ApiError:
    """Return the 422 of any kind, also of one that is never stored (`PatchOptions`)."""
    texts = list(dict.fromkeys(f"{problem.path}: {body(problem)}" for problem in problems))
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    causes = [Cause(_reason(problem), body(problem), problem.path).document() for problem in problems]
    details = {key: value for key, value in (("name", name), ("group", group), ("kind", kind)) if value}
    return failure(
        422, "Invalid", f'{_qualified(kind, group)} "{name}" is invalid: {joined}', {**details, "causes": causes}
    )


def invalid_options(kind: str, problems: Sequence[FieldError]) -> ApiError:
    """Return the 422 of a bad query parameter or option body."""
    return invalid_kind(kind, "meta.k8s.io", "", problems)


def _qualified(kind: str, group: str) -> str:
    return f"{kind}.{group}" if group else kind


def body(problem: FieldError) -> str:
    """Return the text of a field error without its path (field.Error.ErrorBody)."""
    text = _LABELS[problem.type]
    if problem.type not in _WITHOUT_VALUE:
        text += f": {_shown(problem.value)}"
    if problem.type == "NotSupported" and problem.detail:
        return f"{text}: supported values: {problem.detail}"
    return f"{text}: {problem.detail}" if problem.detail else text


def _reason(problem: FieldError) -> str:
    return f"FieldValue{problem.type}"


def _shown(value: Any) -> str:
    if isinstance(value, GoText):
        return str(value)
    if value is None:
        return '"null"'
    if isinstance(value, str):
        return quote(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
