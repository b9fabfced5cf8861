"""How a pod is asked to prepare for leaving for good, and how it answers: what a controller and a node agent share.

In: pod documents. Out: `Request` (annotation of the pod, written by its controller) and the condition that answers it
(written by its node agent). Each request has an id, so that the answer to an older one never counts. docs/statefulset.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from moorage.api import conditions, meta
from moorage.api.refs import Document

REQUEST = "moorage.dev/prepare-removal"
"""Annotation of a pod: JSON with `id` and `hook`."""
CONDITION = "moorage.dev/RemovalPrepared"
"""Condition of a pod: True once the hook has succeeded."""
TIMEOUT_SECONDS = 600
"""How long one run of a hook may take unless it says otherwise, seconds."""


class BadHook(ValueError):
    """A hook that makes no sense; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Args:
        id: tells it from every other one.
        hook: exactly one of `exec` and `httpGet` as of a lifecycle handler; `container` and `timeoutSeconds` if given.
    """

    id: str
    hook: Mapping[str, Any]


def parse_hook(text: str) -> Document:
    """Return a hook. Raises: BadHook."""
    try:
        hook = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise BadHook("is no JSON") from None
    if not isinstance(hook, dict) or len({"exec", "httpGet"} & hook.keys()) != 1:
        raise BadHook('has not exactly one of "exec" and "httpGet"')
    surplus = hook.keys() - {"exec", "httpGet", "container", "timeoutSeconds"}
    if surplus:
        raise BadHook(f'has an unknown field "{min(surplus)}"')
    seconds = hook.get("timeoutSeconds", TIMEOUT_SECONDS)
    if not isinstance(seconds, int) or seconds < 1:
        raise BadHook("timeoutSeconds is no number of seconds from 1 on")
    if not isinstance(hook.get("container", ""), str):
        raise BadHook("container is no name")
    _check_action(hook)
    return hook


def request_text(request: Request) -> str:
    """Return the value of the annotation."""
    return msgspec.json.encode({"id": request.id, "hook": request.hook}).decode()


def request_of(pod: Mapping[str, Any]) -> Request | None:
    """Return what a pod is asked; None where it is asked nothing that makes sense."""
    text = meta.annotations(pod).get(REQUEST, "")
    try:
        found = msgspec.json.decode(text)
        return Request(str(found["id"]), parse_hook(msgspec.json.encode(found["hook"]).decode()))
    except (msgspec.DecodeError, BadHook, KeyError, TypeError):
        return None


def answer(request: Request, text: str, *, prepared: bool) -> Document:
    """Return the condition that answers a request, without its time."""
    reason = "HookSucceeded" if prepared else "HookFailed"
    status = "True" if prepared else "False"
    return {"type": CONDITION, "status": status, "reason": reason, "message": f"request {request.id}: {text}"}


def is_prepared(pod: Mapping[str, Any], request: Request) -> bool:
    """Return whether a pod has answered that it is prepared."""
    found = _answered(pod, request)
    return found is not None and found.get("status") == "True"


def said(pod: Mapping[str, Any], request: Request) -> str:
    """Return what came of the last run of the hook, "" before the first."""
    found = _answered(pod, request)
    return str(found["message"]).partition(": ")[2] if found is not None else ""


def _answered(pod: Mapping[str, Any], request: Request) -> Mapping[str, Any] | None:
    found = conditions.find(conditions.conditions(pod), CONDITION)
    mine = found is not None and str(found.get("message") or "").startswith(f"request {request.id}: ")
    return found if mine else None


def _check_action(hook: Document) -> None:
    action = hook.get("exec", hook.get("httpGet"))
    if not isinstance(action, dict):
        raise BadHook('has an "exec" or "httpGet" that is no object')
    if "exec" in hook:
        command = action.get("command")
        if not isinstance(command, list) or not command or not all(isinstance(one, str) for one in command):
            raise BadHook("exec.command is no list of words")
    elif not isinstance(action.get("port"), int | str):
        raise BadHook("httpGet.port is neither a number nor a name")
