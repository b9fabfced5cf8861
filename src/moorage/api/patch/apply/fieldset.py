"""Sets of field paths, and their two spellings: `fieldsV1` documents and the paths of conflict messages.

In: path elements as `fieldsV1` spells them: `f:name`, `k:{"port":80}`, `v:"x"`, `i:0`. Out: `FieldSet` values. A path
is a tuple of elements.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

FieldPath = tuple[str, ...]
_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode
SELF = "."
"""Stands in a `fieldsV1` document for a path that ends above others."""


@dataclass(slots=True)
class FieldSet:
    """A set of paths as a tree. Operations return new sets; only `insert` changes one, while it is being built.

    Args:
        members: last elements of the paths that end here.
        children: element → the rest of the longer paths, never empty.
    """

    members: set[str] = field(default_factory=set)
    children: "dict[str, FieldSet]" = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Iterable[FieldPath]) -> "FieldSet":
        """Return the set of some paths."""
        made = cls()
        for path in paths:
            made.insert(path)
        return made

    def __bool__(self) -> bool:
        return bool(self.members or self.children)

    def insert(self, path: FieldPath) -> None:
        """Add a path, in place; the empty path is the whole object and cannot be owned."""
        here = self
        for element in path[:-1]:
            here = here.children.setdefault(element, FieldSet())
        if path:
            here.members.add(path[-1])

    def below(self, element: str) -> "FieldSet":
        """Return the rest of the paths that start with an element."""
        return self.children.get(element) or FieldSet()

    def __or__(self, other: "FieldSet") -> "FieldSet":
        if not (self and other):
            return self or other
        children = dict(self.children)
        for element, rest in other.children.items():
            children[element] = children[element] | rest if element in children else rest
        return FieldSet(self.members | other.members, children)

    def __and__(self, other: "FieldSet") -> "FieldSet":
        shared = {element: rest & other.below(element) for element, rest in self.children.items()}
        return FieldSet(self.members & other.members, _not_empty(shared))

    def __sub__(self, other: "FieldSet") -> "FieldSet":
        """Return the paths that are not in `other`; what lies below one of its members stays."""
        if not (self and other):
            return self
        rest = {element: below - other.below(element) for element, below in self.children.items()}
        return FieldSet(self.members - other.members, _not_empty(rest))

    def without_trees(self, other: "FieldSet") -> "FieldSet":
        """Return the paths that are neither in `other` nor below one of its members."""
        if not (self and other):
            return self
        kept = {element: below for element, below in self.children.items() if element not in other.members}
        rest = {element: below.without_trees(other.below(element)) for element, below in kept.items()}
        return FieldSet(self.members - other.members, _not_empty(rest))

    def __iter__(self) -> Iterator[FieldPath]:
        """Yield the paths in the order upstream lists them: members of a level first, each level sorted."""
        for element in sorted(self.members):
            yield (element,)
        for element in sorted(self.children):
            for path in self.children[element]:
                yield (element, *path)


def _not_empty(children: dict[str, FieldSet]) -> dict[str, FieldSet]:
    return {element: below for element, below in children.items() if below}


def to_fields_v1(paths: FieldSet) -> dict[str, Any]:
    """Return the `fieldsV1` document of a set."""
    made: dict[str, Any] = {}
    for element in sorted(paths.members | paths.children.keys()):
        below = paths.below(element)
        inner = to_fields_v1(below) if below else {}
        made[element] = {SELF: {}, **inner} if inner and element in paths.members else inner
    return {element: value for element, value in made.items() if value or element in paths.members}


def from_fields_v1(document: Mapping[str, Any]) -> FieldSet:
    """Return the set of a `fieldsV1` document.

    Raises:
        ValueError: an element is not spelt as one.
    """
    made = FieldSet()
    for element, value in document.items():
        if element == SELF:
            continue
        if element[:2] not in ("f:", "k:", "v:", "i:") or not isinstance(value, Mapping):
            raise ValueError(f"{element} is no path element")
        below = from_fields_v1(value)
        if below:
            made.children[element] = below
        if not below or SELF in value:
            made.members.add(element)
    return made


def path_text(path: FieldPath) -> str:
    """Return a path as conflicts show it: `.spec.containers[name="c"].image`."""
    return "".join(map(_element_text, path))


def _element_text(element: str) -> str:
    sort, text = element[:2], element[2:]
    if sort == "f:":
        return f".{text}"
    if sort == "i:":
        return f"[{text}]"
    if sort == "v:":
        return f"[={text}]"
    keys = json.loads(text)
    return "[" + ",".join(f"{key}={compact(keys[key])}" for key in sorted(keys)) + "]"


def compact(value: Any) -> str:
    """Return JSON without spaces and with sorted keys."""
    return _encode(value)
