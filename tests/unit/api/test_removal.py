"""Requests to prepare for a removal, and their answers."""

import json

import pytest

from moorage.api import removal
from moorage.api.refs import Document
from moorage.api.removal import BadHook, Request

HOOK = {"exec": {"command": ["leave"]}, "timeoutSeconds": 5}


@pytest.mark.parametrize(
    ("hook", "problem"),
    [
        ("{", "is no JSON"),
        ([], 'has not exactly one of "exec" and "httpGet"'),
        ({"exec": {"command": ["a"]}, "httpGet": {"port": 1}}, 'has not exactly one of "exec" and "httpGet"'),
        ({"exec": {"command": "leave"}}, "exec.command is no list of words"),
        ({"exec": {"command": []}}, "exec.command is no list of words"),
        ({"exec": ["leave"]}, 'has an "exec" or "httpGet" that is no object'),
        ({"httpGet": {"path": "/"}}, "httpGet.port is neither a number nor a name"),
        ({**HOOK, "timeoutSeconds": 0}, "timeoutSeconds is no number of seconds from 1 on"),
        ({**HOOK, "container": 1}, "container is no name"),
        ({**HOOK, "retries": 3}, 'has an unknown field "retries"'),
    ],
)
def test_hooks_that_make_no_sense(hook: object, problem: str) -> None:
    with pytest.raises(BadHook) as caught:
        removal.parse_hook(hook if isinstance(hook, str) else json.dumps(hook))
    assert str(caught.value) == problem


def test_only_the_answer_to_the_request_counts() -> None:
    old, new = Request("7", HOOK), Request("71", HOOK)
    for request, prepared in ((old, False), (new, True)):
        pod = _pod(removal.request_text(new), removal.answer(old, "exit 0", prepared=True))
        assert removal.request_of(pod) == new
        assert removal.is_prepared(pod, new) is False
        assert (removal.is_prepared(pod, old), removal.said(pod, old)) == (True, "exit 0")
        answered = _pod(removal.request_text(request), removal.answer(request, "a: b", prepared=prepared))
        assert (removal.is_prepared(answered, request), removal.said(answered, request)) == (prepared, "a: b")


@pytest.mark.parametrize("text", ["", "?", "{}", "[]", '{"id":"1"}', '{"id":"1","hook":{}}'])
def test_nothing_is_asked(text: str) -> None:
    assert removal.request_of(_pod(text)) is None


def _pod(request: str, *conditions: Document) -> Document:
    return {"metadata": {"annotations": {removal.REQUEST: request}}, "status": {"conditions": list(conditions)}}
