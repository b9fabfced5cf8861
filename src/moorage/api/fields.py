"""Field selectors: `metadata.name=web-0,status.phase!=Running`.

In: text of a request. Out: `FieldSelector`; which fields a kind knows is its strategy's business (fact sheet
apiserver.md 5.7).
Grammar: k8s.io/apimachinery/pkg/fields; a backslash escapes `\\`, `,` and `=` in values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

_TERM = re.compile(r"((?:\\.|[^\\,])*)(?:,|$)", re.DOTALL)
_SIGN = re.compile(r"!=|==|=")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class BadFieldSelector(ValueError):
    """The selector does not parse; the message is upstream's."""


class Term(NamedTuple):
    """One condition: the field equals the value, or does not."""

    field: str
    value: str
    equal: bool = True


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """All terms must hold; without terms it matches everything."""

    terms: tuple[Term, ...] = ()

    def matches(self, values: Mapping[str, str]) -> bool:
        """Return whether an object with these field values is selected; an absent field counts as empty."""
        return all((values.get(term.field, "") == term.value) == term.equal for term in self.terms)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the fields it asks for, in order."""
        return tuple(term.field for term in self.terms)

    def required(self, field: str) -> str | None:
        """Return the one value a field must have, None if there is none: lets a list of one name be a get."""
        return next((term.value for term in self.terms if term.field == field and term.equal), None)

    def __str__(self) -> str:
        return ",".join(f"{field}{'=' if equal else '!='}{_escaped(value)}" for field, value, equal in self.terms)


EVERYTHING = FieldSelector()


def parse(text: str) -> FieldSelector:
    """Return the selector of a request's `fieldSelector`.

    Raises:
        BadFieldSelector: with upstream's text.
    """
    terms = []
    for part in _parts(text):
        if not part:
            continue
        sign = _SIGN.search(part)
        if sign is None:
            raise BadFieldSelector(f"invalid selector: '{text}'; can't understand '{part}'")
        terms.append(Term(part[: sign.start()], _value(part[sign.end() :]), sign[0] != "!="))
    return FieldSelector(tuple(terms))


def _parts(text: str) -> list[str]:
    """Return the parts between commas that no backslash escapes."""
    found, at = [], 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None:
            found.append(text[at:])
            break
        found.append(match[1])
        at = match.end()
    return found


def _value(text: str) -> str:
    """Undo the escapes of a value; only `\\`, `,` and `=` may be escaped, and the latter two must be."""
    plain = _ESCAPE.sub("", text)
    for escape in _ESCAPE.finditer(text):
        if escape[1] not in "\\,=":
            raise BadFieldSelector(f"invalid field selector: invalid escape sequence: \\{escape[1]}")
    if "\\" in plain or "=" in plain:
        wrong = "\\" if "\\" in plain else "="
        raise BadFieldSelector(f"invalid field selector: unescaped special character: {wrong}")
    return _ESCAPE.sub(r"\1", text)


def _escaped(value: str) -> str:
    return re.sub(r"([\\,=])", r"\\\1", value)
