"""JSON patch (RFC 6902) with the leniencies of the library upstream uses.

In: a document and a list of operations. Out: a new document. Those leniencies, seen on a real server: `replace` of an
absent key adds it, `test` of an absent key against null holds, an index may be negative, the whole document cannot be
addressed.
"""

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from moorage.api import decode, gojson
from moorage.api.patch.errors import PatchError
from moorage.api.refs import Document

Operation = Mapping[str, Any]
MAX_OPERATIONS = 10_000
"""Most operations in one patch (upstream's bound)."""

_INDEX = re.compile(r"-?[0-9]+", re.ASCII)
_TARGET = "Go value of type []handlers.jsonPatchOp"


def parse(body: bytes) -> list[Operation]:
    """Return the operations of a request body.

    Raises:
        PatchError: not a list of objects, or too many.
    """
    try:
        value = decode.parse_json(body)
    except decode.BadDocument as problem:
        raise PatchError("BadRequest", f"error decoding patch: {problem.text}") from problem
    if not isinstance(value, list):
        raise _not_operations(value, _TARGET)
    for item in value:
        if not isinstance(item, dict):
            raise _not_operations(item, "Go value of type handlers.jsonPatchOp")
        for key in ("op", "from", "path"):
            if not isinstance(item.get(key, ""), str):
                raise _not_operations(item[key], f"Go struct field jsonPatchOp.{key} of type string")
    if len(value) > MAX_OPERATIONS:
        text = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(value)}"
        raise PatchError("TooLarge", text)
    return value


def apply(document: Document, operations: list[Operation]) -> Document:
    """Return the document after all operations; it and they are not changed.

    Raises:
        PatchError: an operation does not apply.
    """
    made = copy.deepcopy(document)
    for operation in operations:
        step = _STEPS.get(operation.get("op", ""))
        if step is None:
            raise PatchError("Unprocessable", f"Unexpected kind: {operation.get('op') or 'unknown'}")
        step(made, operation)
    return made


def _not_operations(value: Any, target: str) -> PatchError:
    return PatchError(
        "BadRequest", f"error decoding patch: json: cannot unmarshal {gojson.kind_of(value)} into {target}"
    )


def _does_not_apply(operation: Operation, why: str) -> PatchError:
    name = operation.get("op", "")
    path = operation.get("path", "")
    return PatchError("Unprocessable", f"{name} operation does not apply: doc is missing path: {path}: {why}")


def _locate(root: Any, operation: Operation, field: str = "path") -> tuple[Any, str]:
    """Return the container an operation addresses and the last step of its pointer."""
    pointer = operation.get(field)
    if pointer is None:
        raise _does_not_apply(operation, f"operation missing {field} field")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")]
    if len(steps) < 2:
        raise _does_not_apply(operation, "missing value")
    here = root
    for step in steps[1:-1]:
        here = _get(here, step, operation)
    if not isinstance(here, dict | list):
        raise _does_not_apply(operation, "missing value")
    return here, steps[-1]


def _index(items: list[Any], step: str, operation: Operation, *, room: int = 0) -> int:
    """Return a list index; `room` is 1 where the place after the last item counts."""
    if not _INDEX.fullmatch(step):
        raise _does_not_apply(operation, "invalid index")
    index = int(step[:12])
    length = len(items) + room
    if not -length <= index < length:
        raise _does_not_apply(operation, "invalid index")
    return index + length if index < 0 else index


def _get(container: Any, step: str, operation: Operation) -> Any:
    if isinstance(container, dict):
        return container.get(step)
    if isinstance(container, list):
        return container[_index(container, step, operation)]
    raise _does_not_apply(operation, "missing value")


def _insert(container: Any, step: str, value: Any, operation: Operation) -> None:
    if isinstance(container, dict):
        container[step] = value
    elif step == "-":
        container.append(value)
    else:
        container.insert(_index(container, step, operation, room=1), value)


def _drop(container: Any, step: str, operation: Operation) -> None:
    if isinstance(container, dict):
        if step not in container:
            raise _does_not_apply(operation, "unable to remove nonexistent key")
        del container[step]
    else:
        del container[_index(container, step, operation)]


def _value(operation: Operation) -> Any:
    if "value" not in operation:
        raise _does_not_apply(operation, "operation missing value field")
    return copy.deepcopy(operation["value"])


def _add(root: Any, operation: Operation) -> None:
    container, step = _locate(root, operation)
    _insert(container, step, _value(operation), operation)


def _remove(root: Any, operation: Operation) -> None:
    container, step = _locate(root, operation)
    _drop(container, step, operation)


def _replace(root: Any, operation: Operation) -> None:
    container, step = _locate(root, operation)
    value = _value(operation)
    if isinstance(container, dict):
        container[step] = value
    else:
        container[_index(container, step, operation)] = value


def _move(root: Any, operation: Operation) -> None:
    source, step = _locate(root, operation, "from")
    value = _get(source, step, operation)
    _drop(source, step, operation)
    container, target = _locate(root, operation)
    _insert(container, target, value, operation)


def _copy(root: Any, operation: Operation) -> None:
    source, step = _locate(root, operation, "from")
    value = copy.deepcopy(_get(source, step, operation))
    container, target = _locate(root, operation)
    _insert(container, target, value, operation)


def _test(root: Any, operation: Operation) -> None:
    container, step = _locate(root, operation)
    if not same(_get(container, step, operation), operation.get("value")):
        raise PatchError("Unprocessable", f"testing value {operation.get('path')} failed: test failed")


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal; unlike in Python, true is not 1."""
    # What differs, differs for Python too, which finds out faster: only equal values are walked.
    return bool(one == other) and _same_kinds(one, other)


def _same_kinds(one: Any, other: Any) -> bool:
    """Return whether two values that are equal in Python are so in JSON."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same_kinds(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return all(map(_same_kinds, one, other))
    return isinstance(one, bool) == isinstance(other, bool)


_STEPS: Mapping[str, Callable[[Any, Operation], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
