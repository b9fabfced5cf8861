"""Questions to a `fieldsV1` document: what it has, what stands for itself and what only leads further."""

import pytest

from moorage.api.patch.apply import spelling
from moorage.api.patch.apply.fieldset import FieldPath, FieldSet

READY = 'k:{"type":"Ready"}'
FIELDS = {"f:status": {".": {}, "f:phase": {}, "f:conditions": {READY: {"f:status": {}}}}}


@pytest.mark.parametrize(
    ("path", "there"),
    [
        (("f:status",), True),
        (("f:status", "f:phase"), True),
        (("f:status", "f:conditions", READY, "f:status"), True),
        (("f:status", "f:conditions"), False),
        (("f:status", "f:conditions", READY), False),
        (("f:status", "f:podIP"), False),
        (("f:status", "f:phase", "f:below"), False),
        (("f:spec",), False),
    ],
)
def test_a_path_is_there_if_it_ends_there(path: FieldPath, there: bool) -> None:  # noqa: FBT001
    paths = FieldSet.of([path])
    assert spelling.holds(FIELDS, paths) is there
    assert spelling.touches(FIELDS, paths) is there


def test_all_and_any_differ() -> None:
    paths = FieldSet.of([("f:status", "f:phase"), ("f:status", "f:podIP")])
    assert not spelling.holds(FIELDS, paths)
    assert spelling.touches(FIELDS, paths)


def test_no_path_is_always_held_and_never_touched() -> None:
    assert spelling.holds({}, FieldSet())
    assert not spelling.touches(FIELDS, FieldSet())
