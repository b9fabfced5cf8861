"""Label and field selectors against recorded requests and by example."""

import urllib.parse
from typing import Any

import pytest

from moorage.api import fields, labels
from tests.unit.api import goldens

NO_VALUES = "values: Invalid value: []string{}: for 'in', 'notin' operators, values set can't be empty"


def _recorded(parameter: str) -> list[Any]:
    found = []
    for name, step in goldens.steps("lists_watches"):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(step["path"]).query)
        body = step["expect"].get("body")
        message = body.get("message", "") if isinstance(body, dict) and body.get("kind") == "Status" else ""
        about_names = "not supported" in message or "known field" in message
        if parameter in query and not about_names and "GOLDEN" not in name:
            found.append(pytest.param(query[parameter][0], message, id=name))
    return found


def _refusal(parse: Any, text: str) -> str:
    try:
        parse(text)
    except ValueError as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize(("text", "message"), _recorded("labelSelector"))
def test_label_selectors_get_the_recorded_sentence(text: str, message: str) -> None:
    got = _refusal(labels.parse, text)
    assert got == message or not got


@pytest.mark.parametrize(("text", "message"), _recorded("fieldSelector"))
def test_field_selectors_get_the_recorded_sentence(text: str, message: str) -> None:
    got = _refusal(fields.parse, text)
    assert got == message or not got


@pytest.mark.parametrize(
    ("text", "given", "matches"),
    [
        ("", {}, True),
        ("a=1", {"a": "1"}, True),
        ("a==1,b!=2", {"a": "1"}, True),
        ("a!=1", {"a": "1"}, False),
        ("a in (1, 2)", {"a": "2"}, True),
        ("a notin (1,2)", {"a": "3"}, True),
        ("a notin (1,2)", {}, True),
        ("a", {"a": ""}, True),
        ("!a", {"a": ""}, False),
        ("! a", {}, True),
        ("a=", {"a": ""}, True),
        ("n>5", {"n": "6"}, True),
        ("n<5", {"n": "6"}, False),
        ("n>5", {"n": "six"}, False),
        ("in in (in)", {"in": "in"}, True),
    ],
)
def test_text_selects(text: str, given: dict[str, str], matches: bool) -> None:  # noqa: FBT001 - a table column
    assert labels.parse(text).matches(given) is matches


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a in ()", f"unable to parse requirement: {NO_VALUES}"),
        ("a,", "found '', expected: identifier after ','"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    ],
)  # fmt: skip
def test_bad_text_is_refused(text: str, sentence: str) -> None:
    assert _refusal(labels.parse, text) == sentence


def test_documents_select_as_upstream() -> None:
    assert not labels.from_document(None).matches({})
    assert labels.from_document({}).empty
    expressions = [{"key": "t", "operator": "In", "values": ["y", "x"]}, {"key": "o", "operator": "DoesNotExist"}]
    selector = labels.from_document({"matchLabels": {"a": "1"}, "matchExpressions": expressions})
    assert str(selector) == "a=1,!o,t in (x,y)"
    assert selector.matches({"a": "1", "t": "x"})
    assert not selector.matches({"a": "1", "t": "x", "o": ""})
    assert labels.format_document(None) == "<none>"
    assert labels.format_labels({"b": "2", "a": "1"}) == "a=1,b=2"
    with pytest.raises(labels.BadSelector):
        labels.from_document({"matchExpressions": [{"key": "t", "operator": "Near"}]})


def test_fields_select_and_unescape() -> None:
    selector = fields.parse("a=b,c!=d,e==f\\,g\\=")
    assert selector.terms == (("a", "b", True), ("c", "d", False), ("e", "f,g=", True))
    assert fields.parse(str(selector)) == selector
    assert selector.matches({"a": "b", "e": "f,g="})
    assert not selector.matches({"a": "b", "c": "d", "e": "f,g="})
    assert selector.required("a") == "b"
    assert selector.required("c") is None
    assert _refusal(fields.parse, "a=b\\x") == "invalid field selector: invalid escape sequence: \\x"
