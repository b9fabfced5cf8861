"""Every recorded JSON, merge and strategic patch, applied to the object the real server had."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from moorage.api import decode, scheme
from moorage.api.decode import BadDocument, Expected
from moorage.api.patch import json as json_patch
from moorage.api.patch import merge, strategic
from moorage.api.patch.errors import PatchError
from moorage.api.schema import Schemas
from tests.unit.api import goldens

LATER_STAGES = ("resourceVersion", "generation", "managedFields", "creationTimestamp")
"""Metadata that the life of a write sets after the patch."""
SERVER_WORK = {
    "patches/main-ignores-status", "patches/merge-null-default-returns", "patches/status-pdb",
    "patches/status-pod-conditions-merge", "patches/status-service", "patches/strategic-service-ports",
}  # fmt: skip
"""Cases whose answer shows defaulting or the isolation of status, which come after the patch."""


def _objects(case: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield (live object, step) of each patch of a case to an object the case has shown."""
    live: dict[str, dict[str, Any]] = {}
    for step in case["steps"]:
        path = step.get("path", "").partition("?")[0].removesuffix("/status")
        if step.get("method") == "PATCH" and path in live:
            yield live[path], step
        body = step["expect"].get("body") if "expect" in step else None
        if isinstance(body, dict) and body.get("metadata", {}).get("name"):
            live[path + (f"/{body['metadata']['name']}" if step.get("method") == "POST" else "")] = body


def _patches() -> list[Any]:
    found = []
    for case in goldens.cases("patches"):
        for number, (live, step) in enumerate(_objects(case)):
            if scheme.by_kind(live["apiVersion"], live["kind"]) and "-patch+json" in str(step.get("headers")):
                found.append(pytest.param(live, step, id=f"{case['id']}-{number}"))
    return found


def _patched(live: dict[str, Any], step: dict[str, Any], expected: Expected) -> dict[str, Any]:
    body, content = goldens.body_bytes(step), step["headers"]["Content-Type"]
    if "strategic" in content:
        made = strategic.apply(live, strategic.parse(body), expected.table)
        return decode.convert(made, expected, dialect="restore").document
    if "json-patch" in content:
        made = json_patch.apply(live, json_patch.parse(body))
    else:
        made = merge.apply(live, merge.parse(body))
    return decode.convert(made, expected).document


def _comparable(document: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in document.items() if key in like}
    kept["metadata"] = {key: value for key, value in document["metadata"].items() if key not in LATER_STAGES}
    return kept


def _outcome(live: dict[str, Any], step: dict[str, Any], expected: Expected) -> tuple[int, Any]:
    """Return the code and the document or the text of a patch."""
    try:
        return 200, _patched(live, step, expected)
    except PatchError as problem:
        return problem.code, problem.text
    except BadDocument as problem:
        return 422, problem.text


@pytest.mark.parametrize(("live", "step"), _patches())
def test_recorded_patch(live: dict[str, Any], step: dict[str, Any], schemas: Schemas, request: Any) -> None:
    case = request.node.callspec.id.rpartition("-")[0]
    resource = scheme.by_kind(live["apiVersion"], live["kind"])
    assert resource is not None
    if "NODEPORT" in json.dumps(live):
        pytest.skip("the recorded object has a masked port")
    expected = Expected(resource.api_version, resource.kind, schemas.table(resource.definition))
    given, wanted = copy.deepcopy(live), step["expect"]["body"]
    code, made = _outcome(live, step, expected)
    assert live == given
    if code != 200:
        message = wanted.get("message", "")
        assert code == step["expect"]["code"]
        assert made in message or "our request" in message or "message" in step.get("ignore", [])
    elif step["expect"]["code"] == 200 and case not in SERVER_WORK:
        assert _comparable(made, wanted) == _comparable(wanted, wanted)
