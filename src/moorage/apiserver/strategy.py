"""What the API server does for one kind: a row of pure functions, one file a kind in `apiserver/kinds`.

In: documents already decoded, pruned and typed by the schema. Out: defaults, errors, cells.
`apiserver.registry` calls them in this order: create = default, prepare_create, validate_create;
update = default, prepare_update, validate_update.
Functions that change a document get a fresh one of their own; `old` is never to be changed.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from moorage.api.refs import Document, Resource
from moorage.apiserver import cells

ErrorType = Literal[
    "Required", "Invalid", "NotSupported", "Forbidden", "Duplicate", "NotFound", "TooLong", "TooMany", "TypeInvalid"
]


class GoText(str):
    """A bad value already spelt as Go's `%#v` prints it: error texts show it without quotes."""

    __slots__ = ()


class FieldError(NamedTuple):
    """One validation error (k8s.io/apimachinery/pkg/util/validation/field).

    Args:
        type: becomes reason `FieldValue<type>` of a cause (TooLong and TooMany keep their upstream spelling).
        path: e.g. `spec.containers[0].name`.
        value: the bad value; unused for Required, Forbidden, TooLong. None is shown as `"null"`, an object as JSON.
        detail: what upstream prints after the value; for NotSupported the quoted, sorted, supported values.
    """

    type: ErrorType
    path: str
    value: Any = None
    detail: str = ""


class Column(NamedTuple):
    """One Table column. `priority` 1 is shown with `-o wide` only."""

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0


def nothing(_document: Document) -> None:
    """Do nothing to one document."""


def _nothing_to_update(_new: Document, _old: Document) -> None:
    """Do nothing to an update."""


def _no_errors(_document: Document) -> list[FieldError]:
    return []


def _no_update_errors(_new: Document, _old: Document) -> list[FieldError]:
    return []


def _no_parts(_old: Document, _subresource: str) -> Iterable[Document]:
    return ()


def status_settles_spec(old: Document, subresource: str) -> Iterable[Document]:
    """Return the spec for a write to `/status`: for kinds whose `default_status` leaves it alone."""
    return (old["spec"],) if subresource == "status" and "spec" in old else ()


def _no_warnings(_new: Document, _old: Document | None) -> list[str]:
    return []


def _no_fields(_document: Document) -> Mapping[str, str]:
    return {}


def _no_conditions(_document: Document) -> list[Document]:
    return []


def _age_only(document: Document, now: datetime.datetime) -> list[Any]:
    return [document["metadata"].get("name", ""), cells.age(document, now)]


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where `/scale` finds its numbers in a document."""

    replicas: tuple[str, ...] = ("spec", "replicas")
    status_replicas: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ("spec", "selector")


@dataclass(frozen=True, slots=True)
class Strategy:
    """Everything kind-specific in the life of a write and a read.

    Args:
        resource: the kind.
        default: fills absent fields in place, as upstream's defaulting does; idempotent.
        default_status: does so for a write to `/status`, where `settled` names the spec; None: `default` does it.
        settled: (old, subresource) → parts of a stored document that no function of this row changes in place on such a
            write: callers in this process that hand them back share them.
        prepare_create: in place, before validation (drop status, set phase …).
        prepare_update: (new, old) in place; status and what else a client may not write here is restored.
        prepare_status: (new, old) in place for `/status`: all but status is restored.
        validate_create: upstream's errors, in upstream's order.
        validate_update: (new, old) likewise.
        validate_status: (new, old) likewise.
        warnings: (new, old or None) texts for Warning headers.
        columns: Table columns after Name; Age is listed here, and Name too where it does not come first (Event).
        row: (document, now) → one value a column, Name's included.
        row_conditions: `conditions` of its Table row, e.g. that a pod has completed.
        fields: values of the field labels it can be selected by, beyond metadata.name and metadata.namespace.
        bumps_generation: (new, old) → whether this update adds one to metadata.generation; None: it has none.
        has_status: whether `/status` exists and main writes keep the old status.
        scale: where `/scale` reads and writes, None where there is no `/scale`.
        default_grace: seconds a plain delete waits, from the document; 0 deletes at once (only pods wait).
        create_on_update: whether PUT of a missing object creates it.
        unconditional_update: whether PUT without resourceVersion is allowed.
        default_propagation: what a delete without propagationPolicy means.
        verbatim: the top-level field whose text is kept as posted (`apiserver.verbatim`); "" for none.
    """

    resource: Resource
    default: Callable[[Document], None] = nothing
    default_status: Callable[[Document], None] | None = None
    settled: Callable[[Document, str], Iterable[Document]] = _no_parts
    prepare_create: Callable[[Document], None] = nothing
    prepare_update: Callable[[Document, Document], None] = _nothing_to_update
    prepare_status: Callable[[Document, Document], None] = _nothing_to_update
    validate_create: Callable[[Document], list[FieldError]] = _no_errors
    validate_update: Callable[[Document, Document], list[FieldError]] = _no_update_errors
    validate_status: Callable[[Document, Document], list[FieldError]] = _no_update_errors
    warnings: Callable[[Document, Document | None], list[str]] = _no_warnings
    columns: tuple[Column, ...] = (Column("Age"),)
    row: Callable[[Document, datetime.datetime], list[Any]] = _age_only
    row_conditions: Callable[[Document], list[Document]] = _no_conditions
    fields: Callable[[Document], Mapping[str, str]] = _no_fields
    bumps_generation: Callable[[Document, Document], bool] | None = None
    has_status: bool = False
    scale: ScalePaths | None = None
    default_grace: Callable[[Document], int] = field(default=lambda _document: 0)
    create_on_update: bool = False
    unconditional_update: bool = True
    default_propagation: Literal["Background", "Orphan"] = "Background"
    verbatim: str = ""
