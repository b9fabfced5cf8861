"""YAML as Kubernetes' tools read it, with budgets.

In: text. Out: JSON values, one a document. Differs from plain YAML 1.1 where kubectl does: times and `1:30` stay text.
Size, nesting and alias expansion are bounded (`base.limits`) before anything is built: ten lines of aliases can name a
billion nodes. Duplicate keys are an error.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from moorage.base.limits import MAX_JSON_DEPTH, MAX_YAML_BYTES, MAX_YAML_NODES

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DROPPED_TAGS = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
_INT = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_NUMBER_STARTS = list("-+0123456789.")


class BadYaml(ValueError):
    """The text is not YAML that can be used; the message is one line in the words of Kubernetes' own tools."""


class _Loader(_Base):  # type: ignore[misc]  # the C loader has no type
    """The safe loader with Kubernetes' idea of scalars."""


def _whole_number(_loader: Any, node: yaml.ScalarNode) -> int:
    text = str(node.value).replace("_", "").lower()
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text.lstrip("+"))
    if digits.startswith(("0b", "0x", "0o")):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if len(digits) > 1 and digits.startswith("0") else 10)


def _real_number(_loader: Any, node: yaml.ScalarNode) -> float:
    return float(str(node.value).replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))


_Loader.yaml_implicit_resolvers = {
    start: [(tag, pattern) for tag, pattern in rules if tag not in _DROPPED_TAGS]
    for start, rules in _Base.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(rf"^(?:{_INT.pattern})$"), _NUMBER_STARTS)
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(rf"^(?:{_FLOAT.pattern})$"), _NUMBER_STARTS)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _real_number)


def documents(text: str) -> Iterator[Any]:
    """Yield the value of each document of a stream; empty documents are left out. Raises: BadYaml."""
    if len(text.encode()) > MAX_YAML_BYTES:
        raise BadYaml(f"the file is larger than {MAX_YAML_BYTES} bytes")
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            _check(node)
            value = loader.construct_document(node)
            if value is not None:
                yield value
    except yaml.YAMLError as error:
        raise BadYaml(_one_line(error)) from None
    finally:
        loader.dispose()


def _check(root: yaml.Node) -> None:
    """Refuse duplicate keys, keys that are no scalars, deep nesting and alias bombs. Cost: linear in the text."""
    sizes: dict[int, int] = {}
    # Depth first without recursion: a node is left (size known) after all below it.
    stack = [(root, 0, False)]
    while stack:
        node, depth, seen = stack.pop()
        children = _children(node)
        if seen or not children:
            sizes[id(node)] = 1 + sum(sizes.get(id(child), 1) for child in children)
            if sizes[id(node)] > MAX_YAML_NODES:
                raise BadYaml("document contains excessive aliasing")
            continue
        if id(node) in sizes:
            continue
        if depth > MAX_JSON_DEPTH:
            raise BadYaml(f"document is nested more than {MAX_JSON_DEPTH} levels deep")
        stack.append((node, depth, True))
        stack += [(child, depth + 1, False) for child in children]


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if not isinstance(node, yaml.MappingNode):
        return []
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise BadYaml(f"line {key.start_mark.line + 1}: a key must be a scalar")
        if key.value in seen:
            raise BadYaml(f'line {key.start_mark.line + 1}: key "{key.value}" already set in map')
        seen.add(key.value)
    return [value for _, value in node.value]


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)
