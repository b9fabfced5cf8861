"""From bytes of a client to a document in the one form the server stores, as decoding into Go's types would leave it.

In: bytes or a patched document, and a type table (`api.schema`). Out: `Decoded`: a fresh document without unknown
fields, nulls and empty optional values, with canonical times and quantities, plus warnings. Next room: `apiserver`
(defaults, validation). Texts are those of Kubernetes 1.32 (fact sheet apiserver.md 5.2; recorded answers in
tests/fixtures/golden/validation.jsonl).
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from moorage.api import gojson, jsonwalk
from moorage.api.refs import Document, split_api_version
from moorage.api.schema import TypeTable
from moorage.base.errors import MoorageError
from moorage.base.limits import MAX_BODY_BYTES, MAX_JSON_DEPTH

FieldValidation = Literal["Strict", "Warn", "Ignore"]
"""What happens to unknown and duplicate fields: refused, warned of, dropped silently."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SUMMARY_BYTES = 30


class BadDocument(MoorageError):
    """The body is not an object of the expected kind.

    Args:
        text: upstream's reason, as patches report it (422, field `patch`).
        sentence: the whole message of the 400 answer to a create or update; `text` where there is no more to say.
    """

    def __init__(self, text: str, sentence: str = "") -> None:
        super().__init__(sentence or text)
        self.text = text
        self.sentence = sentence or text


class WrongKind(BadDocument):
    """The body is of another kind or version than the URL."""


class StrictError(BadDocument):
    """Unknown or duplicate fields under `Strict`; `text` starts with `strict decoding error: `."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The kind a body must have.

    Args:
        api_version: e.g. `apps/v1`.
        kind: e.g. `StatefulSet`.
        table: its type table.
    """

    api_version: str
    kind: str
    table: TypeTable


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document in stored form.

    Args:
        document: fresh; shares nothing with what was given but what was `settled`.
        warnings: texts for Warning headers, e.g. `unknown field "spec.foo"`.
    """

    document: Document
    warnings: tuple[str, ...] = ()


def parse_json(body: bytes) -> Any:
    """Parse JSON as Go does: the last of equal keys wins, bytes that are not UTF-8 become U+FFFD, no NaN, bounded
    depth.

    Raises:
        BadDocument: not JSON, too long or too deep; the text is Go's.
    """
    return _parse(body)[0]


def decode(body: bytes, expected: Expected, validation: FieldValidation = "Warn") -> Decoded:
    """Decode a request body into a document of the expected kind.

    Args:
        body: JSON; apiVersion and kind may be missing, then they are filled in.
        expected: the kind of the URL.
        validation: the request's `fieldValidation`.

    Raises:
        BadDocument: not JSON, another kind, a wrong type.
        StrictError: unknown or duplicate fields under `Strict`.
    """
    try:
        value, doubled = _parse(body)
        _type_meta(value)
    except BadDocument as problem:
        raise _unrecognized(body, expected, problem.text) from problem
    duplicates = jsonwalk.duplicate_fields(body, expected.table) if doubled else ()
    return accept(value, expected, validation, duplicates)


def accept(
    value: Document,
    expected: Expected,
    validation: FieldValidation = "Warn",
    duplicates: Sequence[str] = (),
    settled: Collection[int] = (),
) -> Decoded:
    """Bring a parsed body (JSON or YAML) into stored form.

    Args:
        value: parsed body, an object.
        expected: the kind of the URL.
        validation: the request's `fieldValidation`.
        duplicates: texts of strict errors the parser found itself.
        settled: see `convert`.

    Raises:
        BadDocument: another kind or a wrong type.
        StrictError: unknown or duplicate fields under `Strict`.
    """
    api_version = value.get("apiVersion") or expected.api_version
    kind = value.get("kind") or expected.kind
    try:
        return convert(value, expected, validation, duplicates=duplicates, settled=settled)
    except WrongKind:
        raise
    except BadDocument as problem:
        version = split_api_version(api_version)[1]
        sentence = f'{kind} in version "{version}" cannot be handled as a {expected.kind}: {problem.text}'
        raise type(problem)(problem.text, sentence) from problem


def convert(
    value: Document,
    expected: Expected,
    validation: FieldValidation = "Warn",
    *,
    dialect: jsonwalk.Dialect = "unmarshal",
    duplicates: Sequence[str] = (),
    settled: Collection[int] = (),
) -> Decoded:
    """Bring a document, e.g. the outcome of a patch, into stored form; it is not changed.

    Args:
        value: the document.
        expected: its kind.
        validation: the request's `fieldValidation`.
        dialect: whose texts a wrong type gets: `restore` after strategic merge patches, else `unmarshal`.
        duplicates: texts of strict errors found before.
        settled: `id`s of objects that are in stored form: shared, not walked, where the document holds these very objects.

    Raises:
        BadDocument: a wrong type; another kind or version (what `unmarshal` alone looks at).
        StrictError: unknown or duplicate fields under `Strict`.
    """
    if dialect == "unmarshal":
        _check_kind(value.get("apiVersion") or expected.api_version, value.get("kind") or expected.kind, expected)
    walk = jsonwalk.Walk(dialect, settled)
    try:
        document = walk.document(expected.table, value)
    except jsonwalk.WrongType as problem:
        raise BadDocument(str(problem)) from problem
    except RecursionError as problem:
        raise BadDocument(gojson.TOO_DEEP) from problem
    strict = (*walk.unknown_fields(), *duplicates)
    if strict and validation == "Strict":
        raise StrictError("strict decoding error: " + ", ".join(strict))
    document["apiVersion"], document["kind"] = expected.api_version, expected.kind
    return Decoded(document, strict if validation == "Warn" else ())


def _parse(body: bytes) -> tuple[Any, bool]:
    """Return the value and whether some object names a key twice."""
    doubled = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        made = dict(items)
        doubled = doubled or len(made) != len(items)
        return made

    if len(body) > MAX_BODY_BYTES:
        raise BadDocument(f"Request entity too large: limit is {MAX_BODY_BYTES}")
    try:
        text = body.decode("utf-8", "replace")
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as problem:
        unbounded = gojson.TOO_DEEP if isinstance(problem, RecursionError) else "a number has too many digits"
        raise BadDocument(gojson.syntax_error(body) or unbounded) from problem
    if text.count("{") + text.count("[") > MAX_JSON_DEPTH and jsonwalk.deeper_than(value, MAX_JSON_DEPTH):
        raise BadDocument(gojson.TOO_DEEP)
    if "\\ud" in text or "\\uD" in text:
        value = jsonwalk.map_strings(value, _whole_characters)
    return value, doubled


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's parser would take."""
    raise ValueError(name)


def _whole_characters(text: str) -> str:
    """Replace half surrogate pairs, which no UTF-8 can carry, as Go does."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _type_meta(value: Any) -> None:
    """Refuse what has no apiVersion and kind to look at: no object, or they are no strings."""
    target = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
    if not isinstance(value, dict):
        raise BadDocument(f"json: cannot unmarshal {gojson.kind_of(value)} into Go value of type {target}")
    for key in ("apiVersion", "kind"):
        if not isinstance(value.get(key) or "", str):
            found = gojson.kind_of(value[key])
            raise BadDocument(f"json: cannot unmarshal {found} into Go struct field .{key} of type string")


def _unrecognized(body: bytes, expected: Expected, text: str) -> BadDocument:
    reason = f"couldn't get version/kind; json parse error: {text}"
    sentence = f"the object provided is unrecognized (must be of type {expected.kind}): {reason} ({_summary(body)})"
    return BadDocument(text, sentence)


def _summary(body: bytes) -> str:
    """Return the start of a body as upstream shows it: text of an object, hexadecimal of anything else."""
    if not body:
        return "<empty>"
    start = body[:_SUMMARY_BYTES]
    shown = start.decode("utf-8", "replace") if body.startswith(b"{") else start.hex()
    return shown + (" ..." if len(body) > _SUMMARY_BYTES else "")


def _check_kind(api_version: str, kind: str, expected: Expected) -> None:
    """Refuse a body of another kind or version than the URL's."""
    if kind != expected.kind:
        version = split_api_version(api_version)[1]
        text = f'no kind "{kind}" is registered for version "{api_version}" in scheme "moorage"'
        raise WrongKind(text, f'{kind} in version "{version}" cannot be handled as a {expected.kind}: {text}')
    if api_version != expected.api_version:
        raise WrongKind(
            f"the API version in the data ({api_version}) does not match the expected API version "
            f"({expected.api_version})"
        )
