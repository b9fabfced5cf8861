"""Query parameters and option bodies, checked.

In: requests. Out: frozen options of writes, reads and deletes. Errors: fact sheet apiserver.md 5.2 ("bad option").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from moorage.api import fields, labels
from moorage.api.decode import BadDocument, FieldValidation, parse_json
from moorage.api.refs import Document, Resource
from moorage.apiserver import errors
from moorage.apiserver.negotiate import APPLY_PATCH, media_type
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.watchers import Selection
from moorage.base.errors import ApiError
from moorage.client.ports import Request

_VALIDATIONS = ("Ignore", "Strict", "Warn")
_POLICIES = ("Background", "Foreground", "Orphan")
_DELETE_FIELDS = frozenset(
    {
        "kind", "apiVersion", "gracePeriodSeconds", "preconditions", "orphanDependents", "propagationPolicy", "dryRun",
        "ignoreStoreReadErrorWithClusterBreakingPotential",
    }
)  # fmt: skip
_OWN_API_VERSIONS = ("v1", "meta.k8s.io/v1")


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Options of create, update and patch.

    Args:
        dry_run: run everything, store nothing.
        validation: what happens to unknown fields.
        manager: field manager, from the parameter or the User-Agent.
        force: take over fields others own (apply only).
    """

    dry_run: bool = False
    validation: FieldValidation = "Warn"
    manager: str = ""
    force: bool | None = None


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Options of a deletion. None where the client said nothing.

    Args:
        dry_run: run everything, store nothing.
        grace: seconds.
        policy: `Background`, `Foreground` or `Orphan`, "" for the kind's default.
        orphan: the older spelling of the same.
        uid: precondition, "" for none.
        resource_version: precondition, "" for none.
    """

    dry_run: bool = False
    grace: int | None = None
    policy: str = ""
    orphan: bool | None = None
    uid: str = ""
    resource_version: str = ""


def write_options(request: Request, kind: str) -> WriteOptions:
    """Return the options of a write.

    Args:
        request: the write.
        kind: `CreateOptions`, `UpdateOptions` or `PatchOptions`, for messages.

    Raises: ApiError.
    """
    validation = request.param("fieldValidation") or "Warn"
    problems = dry_run_problems(request.params("dryRun"))
    if validation not in _VALIDATIONS:
        supported = ", ".join(f'"{word}"' for word in ("", *_VALIDATIONS))
        problems.append(FieldError("NotSupported", "fieldValidation", validation, supported))
    manager = request.param("fieldManager")
    problems += _manager_problems(manager)
    force = request.param("force")
    if kind == "PatchOptions":
        problems += _apply_problems(request, manager, force)
    if problems:
        raise errors.invalid_options(kind, problems)
    return WriteOptions(
        bool(request.params("dryRun")),
        cast(FieldValidation, validation),
        manager or agent(request),
        None if not force else force in ("true", "1"),
    )


def agent(request: Request) -> str:
    """Return the field manager a request has by default: its User-Agent up to the first slash."""
    return request.headers.get("user-agent", "").partition("/")[0] or "unknown"


def dry_run_problems(values: list[str]) -> list[FieldError]:
    """Return what is wrong with `dryRun`."""
    return [] if set(values) <= {"All"} else [FieldError("NotSupported", "dryRun", values, '"All"')]


def _manager_problems(manager: str) -> list[FieldError]:
    if len(manager) > 128:
        return [FieldError("TooLong", "fieldManager", manager, "may not be more than 128 bytes")]
    for position, character in enumerate(manager):
        if not character.isprintable():
            detail = f"invalid character U+{ord(character):04X} (at position {position})"
            return [FieldError("Invalid", "fieldManager", manager, detail)]
    return []


def _apply_problems(request: Request, manager: str, force: str) -> list[FieldError]:
    applies = media_type(request) == APPLY_PATCH
    if applies and not manager:
        return [FieldError("Required", "fieldManager", None, "is required for apply patch")]
    if force and not applies:
        return [FieldError("Forbidden", "force", None, "may not be specified for non-apply patch")]
    return []


def delete_options(request: Request) -> DeleteOptions:
    """Return the options of a deletion, from its body if it has one, else from the query. Raises: ApiError."""
    given = _delete_body(request) if request.body else _delete_query(request)
    preconditions: Mapping[str, Any] = given.get("preconditions") or {}
    options = DeleteOptions(
        bool(given.get("dryRun")),
        given.get("gracePeriodSeconds"),
        given.get("propagationPolicy") or "",
        given.get("orphanDependents"),
        preconditions.get("uid") or "",
        preconditions.get("resourceVersion") or "",
    )
    problems = dry_run_problems(given.get("dryRun") or [])
    if options.orphan is not None and given.get("propagationPolicy") is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        problems.append(FieldError("Invalid", "propagationPolicy", options.policy, detail))
    elif given.get("propagationPolicy") is not None and options.policy not in _POLICIES:
        supported = ", ".join(f'"{word}"' for word in (*_POLICIES, "nil"))
        problems.append(FieldError("NotSupported", "propagationPolicy", options.policy, supported))
    if problems:
        raise errors.invalid_options("DeleteOptions", problems)
    return options


def _delete_body(request: Request) -> Document:
    body = request.body
    if isinstance(body, bytes):
        try:
            body = parse_json(body)
        except BadDocument as problem:
            raise errors.bad_request(problem.sentence) from problem
    if not isinstance(body, dict):
        raise errors.bad_request("the body of a deletion must be an object: DeleteOptions")
    if body.get("kind", "DeleteOptions") != "DeleteOptions":
        text = f'no kind "{body["kind"]}" is known as options of a deletion: send DeleteOptions'
        raise errors.failure(500, "", text)
    grace = body.get("gracePeriodSeconds")
    if grace is not None and (not isinstance(grace, int) or isinstance(grace, bool)):
        raise errors.bad_request("gracePeriodSeconds must be a whole number of seconds")
    return body


def _delete_query(request: Request) -> Document:
    made: Document = {"dryRun": request.params("dryRun")}
    if request.param("gracePeriodSeconds"):
        made["gracePeriodSeconds"] = _whole(request, "gracePeriodSeconds")
    if request.param("orphanDependents"):
        made["orphanDependents"] = request.param("orphanDependents") in ("true", "1")
    if request.param("propagationPolicy"):
        made["propagationPolicy"] = request.param("propagationPolicy")
    return made


def _whole(request: Request, name: str) -> int:
    text = request.param(name)
    try:
        return int(text)
    except ValueError:
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def whole(request: Request, name: str) -> int:
    """Return a number of the query, 0 if absent. Raises: ApiError."""
    return _whole(request, name) if request.param(name) else 0


def selection(request: Request, resource: Resource, namespace: str, known: frozenset[str]) -> Selection:
    """Return which objects a list or watch means.

    Args:
        request: the read.
        resource: of which kind.
        namespace: "" for all.
        known: field labels the kind can be selected by.

    Raises: ApiError.
    """
    try:
        chosen = labels.parse(request.param("labelSelector"))
    except labels.BadSelector as problem:
        raise _selector_error(str(problem)) from problem
    try:
        terms = fields.parse(request.param("fieldSelector"))
    except fields.BadFieldSelector as problem:
        raise errors.bad_request(str(problem)) from problem
    for name in terms.names:
        if name not in known:
            raise errors.bad_request(_unknown_field(resource, name))
    return Selection(namespace, chosen, terms)


def _selector_error(text: str) -> ApiError:
    return errors.bad_request(text)


def _unknown_field(resource: Resource, name: str) -> str:
    if resource.plural in _FIELD_LABEL_KINDS:
        return f"field label not supported: {name}"
    return f'"{name}" is not a known field selector: only "metadata.name", "metadata.namespace"'


_FIELD_LABEL_KINDS = frozenset({"pods", "nodes", "events", "namespaces", "secrets"})
