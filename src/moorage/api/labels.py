"""Label selectors: as text of a request, as `LabelSelector` of a document, as one thing that matches.

In: `app=x,tier in (a,b),!old`, or a LabelSelector. Out: `Selector`. Error texts and grammar:
k8s.io/apimachinery/pkg/labels.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from moorage.api import names

Operator = Literal["in", "notin", "=", "==", "!=", "exists", "!", "gt", "lt"]

_OPERATORS: dict[str, Operator] = {
    "in": "in", "notin": "notin", "=": "=", "==": "==", "!=": "!=", ">": "gt", "<": "lt",
}  # fmt: skip
_DOCUMENT_OPERATORS: dict[str, Operator] = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^=!(),<>\s]+)")
_BLANK = re.compile(r"\s*$")
_SYMBOLS = frozenset("=!(),<>") | {"==", "!="}
_INT64 = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)


class BadSelector(ValueError):
    """The selector does not parse; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label.

    Args:
        key: label key.
        operator: see `Operator`.
        values: sorted, without repetition.
    """

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether labels meet this condition."""
        value = labels.get(self.key)
        if self.operator in ("in", "=", "=="):
            return value is not None and value in self.values
        if self.operator in ("notin", "!="):
            return value is None or value not in self.values
        if self.operator == "exists":
            return value is not None
        if self.operator == "!":
            return value is None
        return value is not None and _compares(value, self.operator, self.values[0])

    def __str__(self) -> str:
        """Return the text upstream prints."""
        if self.operator in ("exists", "!"):
            return ("!" if self.operator == "!" else "") + self.key
        if self.operator in ("in", "notin"):
            return f"{self.key} {self.operator} ({','.join(self.values)})"
        sign = {"gt": ">", "lt": "<"}.get(self.operator, self.operator)
        return f"{self.key}{sign}{self.values[0]}"


@dataclass(frozen=True, slots=True)
class Selector:
    """All conditions must hold; without conditions it matches everything, unless it is `nothing`.

    Args:
        requirements: sorted by key.
        nothing: matches no labels at all (what a null LabelSelector means).
    """

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Return whether labels (None: no labels) are selected."""
        if self.nothing:
            return False
        given = labels or {}
        return all(requirement.matches(given) for requirement in self.requirements)

    @property
    def empty(self) -> bool:
        """Return whether it selects everything."""
        return not self.requirements and not self.nothing

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


EVERYTHING = Selector()
NOTHING = Selector(nothing=True)


def parse(text: str) -> Selector:
    """Return the selector of a request's `labelSelector`.

    Raises:
        BadSelector: with upstream's text.
    """
    return _selector(_Parser(text).parse())


def from_map(labels: Mapping[str, str] | None) -> Selector:
    """Return the selector of a plain map, e.g. a Service's `spec.selector`; an empty map selects everything."""
    return _selector([Requirement(key, "=", (value,)) for key, value in (labels or {}).items()])


def from_document(selector: Mapping[str, Any] | None) -> Selector:
    """Return the selector of a LabelSelector document: null selects nothing, an empty one everything.

    Raises:
        BadSelector: an operator or values that validation should have refused.
    """
    if selector is None:
        return NOTHING
    found = [Requirement(key, "=", (value,)) for key, value in (selector.get("matchLabels") or {}).items()]
    for expression in selector.get("matchExpressions") or ():
        operator = _DOCUMENT_OPERATORS.get(expression.get("operator", ""))
        if operator is None:
            raise BadSelector(f'"{expression.get("operator", "")}" is not a valid label selector operator')
        found.append(requirement(expression.get("key", ""), operator, expression.get("values") or ()))
    return _selector(found)


def go_text(selector: Mapping[str, Any]) -> str:
    """Return a LabelSelector as Go's `%v` prints it (the generated `String` of apimachinery)."""
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    terms = "".join(
        f"LabelSelectorRequirement{{Key:{term.get('key', '')},Operator:{term.get('operator', '')},"
        f"Values:[{' '.join(term.get('values') or ())}],}},"
        for term in selector.get("matchExpressions") or ()
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{terms}}},}}"
    )


def format_document(selector: Mapping[str, Any] | None) -> str:
    """Return a LabelSelector as tables and `describe` show it: `<none>` for null and empty, `<error>` for a bad one."""
    try:
        return str(from_document(selector)) or "<none>"
    except BadSelector:
        return "<error>"


def format_labels(labels: Mapping[str, str] | None) -> str:
    """Return labels as `--show-labels` shows them: `a=1,b=2` by key, `<none>` for none."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


def requirement(key: str, operator: Operator, values: Iterable[str]) -> Requirement:
    """Return a checked requirement.

    Raises:
        BadSelector: a bad key or bad values for the operator.
    """
    ordered = tuple(sorted(set(values)))
    problems = _key_problems(key, "key") + _count_problems(operator, ordered)
    for index, value in enumerate(ordered):
        sentences = names.label_value(value)
        if sentences:
            problems.append(f'values[{index}][{key}]: Invalid value: "{value}": {"; ".join(sentences)}')
    if problems:
        raise BadSelector(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")
    return Requirement(key, operator, ordered)


def _selector(found: list[Requirement]) -> Selector:
    return Selector(tuple(sorted(found, key=lambda one: one.key)))


def _compares(value: str, operator: Operator, bound: str) -> bool:
    if not _INT64.fullmatch(value):
        return False
    return int(value) > int(bound) if operator == "gt" else int(value) < int(bound)


def _key_problems(key: str, path: str) -> list[str]:
    sentences = names.qualified_name(key)
    return [f'{path}: Invalid value: "{key}": {"; ".join(sentences)}'] if sentences else []


def _count_problems(operator: Operator, values: tuple[str, ...]) -> list[str]:
    """Return what is wrong with the number and sort of values for an operator."""
    shown = "[]string{" + ", ".join(f'"{value}"' for value in values) + "}"
    if operator in ("in", "notin") and not values:
        return [f"values: Invalid value: {shown}: for 'in', 'notin' operators, values set can't be empty"]
    if operator in ("exists", "!") and values:
        return [f"values: Invalid value: {shown}: values set must be empty for exists and does not exist"]
    if operator in ("gt", "lt") and not _INT64.fullmatch(values[0]):
        text = "for 'Gt', 'Lt' operators, the value must be an integer"
        return [f'values[0]: Invalid value: "{values[0]}": {text}']
    return []


class _Parser:
    """Recursive descent over the tokens of a selector; "" is the end."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def parse(self) -> list[Requirement]:
        """Return the requirements in the order written."""
        found: list[Requirement] = []
        while (token := self._peek()) != "":
            if token in _SYMBOLS and token != "!":
                raise BadSelector(f"found '{token}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self._requirement())
            except BadSelector as problem:
                raise BadSelector(f"unable to parse requirement: {problem}") from problem
            self._separator()
        return found

    def _separator(self) -> None:
        token = self._take()
        if token not in ("", ","):
            raise BadSelector(f"found '{token}', expected: ',' or 'end of string'")
        after = self._peek()
        if token == "," and (after == "" or (after in _SYMBOLS and after != "!")):
            raise BadSelector(f"found '{after}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        key = self._take()
        absent = key == "!"
        if absent:
            key = self._take()
        if key in _SYMBOLS or key == "":
            raise BadSelector(f"found '{key}', expected: identifier")
        problems = _key_problems(key, "<nil>")
        if problems:
            raise BadSelector(problems[0])
        if absent or self._peek() in ("", ","):
            return requirement(key, "!" if absent else "exists", ())
        sign = self._take()
        operator = _OPERATORS.get(sign)
        if operator is None:
            raise BadSelector(f"found '{sign}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if operator in ("in", "notin") else [self._exact_value()]
        return requirement(key, operator, values)

    def _exact_value(self) -> str:
        if self._peek() in ("", ","):
            return ""
        token = self._take()
        if token in _SYMBOLS:
            raise BadSelector(f"found '{token}', expected: identifier")
        return token

    def _values(self) -> list[str]:
        token = self._take()
        if token != "(":
            raise BadSelector(f"found '{token}' expected: '('")
        values: list[str] = []
        if self._peek() == ")":
            self._take()
            return values
        while True:
            values.append("" if self._peek() in (",", ")") else self._member())
            token = self._take()
            if token == ")":
                return values
            if token != ",":
                raise BadSelector(f"found '{token}', expected: ',' or ')'")

    def _member(self) -> str:
        token = self._take()
        if token in _SYMBOLS or token == "":
            raise BadSelector(f"found '{token}', expected: ',', ')' or identifier")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while not _BLANK.match(text, at):
        match = _TOKEN.match(text, at)
        if match is None:
            break
        found.append(match[1])
        at = match.end()
    return found
