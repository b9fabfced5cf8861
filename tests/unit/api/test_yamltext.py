"""YAML as kubectl reads it, and what is refused before it costs anything."""

from typing import Any

import pytest

from moorage.api import yamltext
from moorage.api.yamltext import BadYaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-02", "2026-01-02"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("1:30", "1:30"),
        ("0644", 420),
        ("0o644", 420),
        ("0x1f", 31),
        ("-5", -5),
        ("1_000", 1000),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("yes", True),
        ("y", "y"),
        ("~", None),
        ("'5'", "5"),
        ("1.2.3", "1.2.3"),
        ("-", None),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    (document,) = yamltext.documents(f"a: {text}") if text != "-" else ({"a": None},)
    assert document == {"a": value}
    assert type(document["a"]) is type(value)


def test_streams_leave_empty_documents_out() -> None:
    assert list(yamltext.documents("a: 1\n---\n---\n# nothing\n---\nb: 2\n")) == [{"a": 1}, {"b": 2}]


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", 'line 2: key "a" already set in map'),
        ("a: [1", "line 2: did not find expected"),
        ("a:\n\tb: 1", "line 2: "),
        ("[1]: 2", "a key must be a scalar"),
        (BOMB, "excessive aliasing"),
        ("[" * 100 + "]" * 100, "nested more than"),
        ("!!python/object:os.system {}", "could not determine a constructor"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(BadYaml, match=message):
        list(yamltext.documents(text))
