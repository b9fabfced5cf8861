"""Templates such as `{.items[*].metadata.name}` (k8s.io/client-go/util/jsonpath), and plain paths for sorting and waiting.

In: template text, JSON values. Out: text, or the values found. A key that is missing finds nothing, as in kubectl get.
Parsing gives a tree of `Text`, `Find` and `Loop`; a path is a tuple of steps, each a function from values to values.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moorage.base.errors import UserError

Step = Callable[[list[Any]], list[Any]]
_TOKEN = re.compile(r'\{((?:"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[^{}"\'])*)\}')
_NAME = re.compile(r"(?:\\.|[^.\[\]\s\\=<>!])+")
_BRACKETS = re.compile(r"""\[((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\[\]"']|\[[^\]]*\])*)\]""")
_FILTER = re.compile(r"^\?\(\s*(?P<left>.+?)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<right>.+?)\s*)?\)$")
_SLICE = re.compile(r"^(-?\d*):(-?\d*)(?::(-?\d+))?$")
_QUOTED = re.compile(r"""^(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)')$""")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Text:
    """Printed as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Find:
    """A path; what it finds is printed, blanks between."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`{range PATH}…{end}`: the body once for each value found."""

    steps: tuple[Step, ...]
    body: tuple["Node", ...]


Node = Text | Find | Loop


def parse(template: str) -> tuple[Node, ...]:
    """Return the tree of a template. Raises: UserError."""
    tokens = list(_tokens(template))
    nodes, rest = _nodes(tokens, 0, nested=False)
    if rest != len(tokens):
        raise UserError(f"error parsing jsonpath {template}, not in range, nothing to end")
    return nodes


def render(nodes: Sequence[Node], value: Any) -> str:
    """Return the text of a template for a value."""
    return "".join(_rendered(node, value) for node in nodes)


def path(text: str) -> tuple[Step, ...]:
    """Return the steps of a path: `.metadata.name`, `metadata.name` or `{.metadata.name}`. Raises: UserError."""
    inner = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    return _steps(inner if inner.startswith((".", "[", "$", "@")) else f".{inner}")


def find(steps: Sequence[Step], value: Any) -> list[Any]:
    """Return what a path finds in a value."""
    found = [value]
    for step in steps:
        found = step(found)
    return found


def show(value: Any) -> str:
    """Return a value as text: scalars as they are, the others as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _tokens(template: str) -> Iterator[tuple[bool, str]]:
    """Yield (is it in braces, text)."""
    position = 0
    for match in _TOKEN.finditer(template):
        if match.start() > position:
            yield False, template[position : match.start()]
        yield True, match[1].strip()
        position = match.end()
    if "{" in template[position:]:
        raise UserError(f"error parsing jsonpath {template}, unclosed action")
    if position < len(template):
        yield False, template[position:]


def _nodes(tokens: Sequence[tuple[bool, str]], start: int, *, nested: bool) -> tuple[tuple[Node, ...], int]:
    """Return the nodes up to the `{end}` of this level, and where it is."""
    nodes: list[Node] = []
    index = start
    while index < len(tokens):
        braced, text = tokens[index]
        if braced and text == "end":
            return tuple(nodes), index
        if braced and text.startswith("range "):
            body, index = _nodes(tokens, index + 1, nested=True)
            nodes.append(Loop(_steps(text.removeprefix("range ").strip()), body))
        else:
            nodes.append(_node(text) if braced else Text(text))
        index += 1
    if nested:
        raise UserError("error parsing jsonpath: unclosed range: {end} is missing")
    return tuple(nodes), index


def _node(text: str) -> Node:
    quoted = _QUOTED.match(text)
    return Text(_unquoted(quoted)) if quoted else Find(_steps(text))


def _rendered(node: Node, value: Any) -> str:
    match node:
        case Text():
            return node.text
        case Find():
            return " ".join(map(show, find(node.steps, value)))
        case Loop():
            return "".join(render(node.body, one) for one in find(node.steps, value))


def _steps(text: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    position = 1 if text[:1] in ("$", "@") else 0
    while position < len(text):
        if text.startswith("..", position):
            steps.append(_descend)
            position += 1 if text.startswith("..[", position) is False else 2
        elif text[position] == "." and position + 1 == len(text):
            position += 1
        elif text[position] == ".":
            position = _named(text, position + 1, steps)
        else:
            position = _bracketed(text, position, steps)
    return tuple(steps)


def _named(text: str, position: int, steps: list[Step]) -> int:
    if text[position] == "[":
        return position
    match = _NAME.match(text, position)
    if match is None:
        raise UserError(f"error parsing jsonpath {{{text}}}: a name is missing after a dot")
    name = re.sub(r"\\(.)", r"\1", match[0])
    steps.append(_every if name == "*" else _field(name))
    return match.end()


def _bracketed(text: str, position: int, steps: list[Step]) -> int:
    match = _BRACKETS.match(text, position)
    if match is None:
        raise UserError(f"error parsing jsonpath {{{text}}}: unrecognized character in action: {text[position]!r}")
    steps.append(_selector(match[1].strip()))
    return match.end()


def _selector(inside: str) -> Step:
    """Return the step of what stands in brackets: `*`, an index, a slice, names, a filter."""
    if inside == "*":
        return _every
    if inside.startswith("?"):
        return _filter(inside)
    if _SLICE.match(inside):
        return _slice(inside)
    parts = [part.strip() for part in inside.split(",")]
    if all(re.fullmatch(r"-?\d+", part) for part in parts):
        return _indices([int(part) for part in parts])
    quoted = [_QUOTED.match(part) for part in parts]
    names = [_unquoted(match) for match in quoted if match]
    if len(names) != len(parts):
        raise UserError(f"error parsing jsonpath: invalid array index [{inside}]")
    return lambda values: [found for name in names for found in _field(name)(values)]


def _field(name: str) -> Step:
    return lambda values: [value[name] for value in values if isinstance(value, dict) and value.get(name) is not None]


def _every(values: list[Any]) -> list[Any]:
    return [one for value in values for one in _children(value)]


def _descend(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        found += [value, *_descend(_children(value))]
    return found


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    return value if isinstance(value, list) else []


def _indices(numbers: list[int]) -> Step:
    return lambda values: [
        value[number]
        for value in values
        if isinstance(value, list)
        for number in numbers
        if -len(value) <= number < len(value)
    ]


def _slice(inside: str) -> Step:
    bounds = slice(*(int(part) if part else None for part in inside.split(":")))
    return lambda values: [one for value in values if isinstance(value, list) for one in value[bounds]]


def _filter(inside: str) -> Step:
    match = _FILTER.match(inside)
    if match is None:
        raise UserError(f"error parsing jsonpath: unterminated filter [{inside}]")
    left, operator = _operand(match["left"]), match["op"]
    right = _operand(match["right"]) if operator else None

    def kept(value: Any) -> bool:
        if right is None:
            return bool(left(value))
        return any(_holds(one, operator, other) for one in left(value) for other in right(value))

    return lambda values: [one for value in values for one in _children(value) if kept(one)]


def _operand(text: str) -> Callable[[Any], list[Any]]:
    quoted = _QUOTED.match(text)
    if quoted:
        constant: Any = _unquoted(quoted)
    elif text.startswith("@"):
        steps = _steps(text)
        return lambda value: find(steps, value)
    else:
        try:
            constant = json.loads(text)
        except ValueError:
            raise UserError(f"error parsing jsonpath: unrecognized filter operand {text}") from None
    return lambda _: [constant]


def _holds(left: Any, operator: str, right: Any) -> bool:
    if operator in ("==", "!="):
        return bool((left == right) == (operator == "=="))
    if not (isinstance(left, str) and isinstance(right, str)) and not _numbers(left, right):
        raise UserError(f"incompatible types for comparison: {show(left)} and {show(right)}")
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _unquoted(match: "re.Match[str]") -> str:
    text = match[1] if match[1] is not None else match[2]
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)
