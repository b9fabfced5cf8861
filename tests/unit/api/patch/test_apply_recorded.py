"""Every recorded apply case: managedFields, conflicts and refusals as the real server answered."""

import datetime
import json
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from moorage.api import decode, scheme
from moorage.api.decode import Expected
from moorage.api.patch import json as json_patch
from moorage.api.patch import merge as merge_patch
from moorage.api.patch.apply import managers, merge
from moorage.api.patch.apply.managers import Writer
from moorage.api.patch.errors import PatchError
from moorage.api.schema import Schemas
from tests.unit.api import goldens

NOW = datetime.datetime(2026, 11, 22, 18, 55, 43, tzinfo=datetime.UTC)
RESET = {"Pod": (("f:status",),), "StatefulSet": (("f:status",),), "Namespace": (("f:status",),)}
DEFAULTED = "pod-"
"""Cases whose entries show defaults, which come from `apiserver`."""


def _steps(case: dict[str, Any]) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any], str]]:
    """Yield (live object, step, path) of each write of a case, the live object as the recorded answers show it."""
    live: dict[str, dict[str, Any]] = {}
    for step in case["steps"]:
        path = step.get("path", "").partition("?")[0].removesuffix("/status")
        body = step["expect"].get("body") if "expect" in step else None
        if step.get("method") == "DELETE":
            live.pop(path, None)
        if step.get("method") not in ("POST", "PUT", "PATCH") or not isinstance(body, dict):
            continue
        if step["method"] == "POST":
            path += "/" + step["body"]["metadata"]["name"]
        yield live.get(path), step, path
        if body.get("metadata", {}).get("name"):
            live[path] = body


def _cases() -> list[Any]:
    found = []
    for case in goldens.cases("apply"):
        for number, (live, step, _) in enumerate(_steps(case)):
            body = step.get("body")
            typed = live or body
            known = isinstance(typed, dict) and scheme.by_kind(typed.get("apiVersion", ""), typed.get("kind", ""))
            if known and case.get("managedFields") and DEFAULTED not in case["id"]:
                found.append(pytest.param(live, step, id=f"{case['id']}-{number}"))
    return found


def _written(live: dict[str, Any] | None, step: dict[str, Any], expected: Expected) -> list[dict[str, Any]]:
    """Return the managedFields after a step."""
    parts = urllib.parse.urlsplit(step["path"])
    query = dict(urllib.parse.parse_qsl(parts.query))
    writer = Writer(query.get("fieldManager", "golden-replay"), expected.api_version, "", RESET.get(expected.kind, ()))
    content, body = str(step.get("headers", {}).get("Content-Type")), step["body"]
    if "apply" in content:
        request = merge.Request(writer, NOW, force=query.get("force") == "true")
        applied = merge.apply(live, body, request, expected.table)
        return list(applied.document["metadata"].get("managedFields", []))
    if step["method"] == "PATCH":
        patched = json_patch.apply if "json-patch" in content else merge_patch.apply
        body = patched(live or {}, body)
    document = decode.convert(body, expected).document
    return managers.update_managers(live, document, writer, expected.table, NOW)


def _sorted(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))


@pytest.mark.parametrize(("live", "step"), _cases())
def test_recorded_write(live: dict[str, Any] | None, step: dict[str, Any], schemas: Schemas) -> None:
    typed = live or step["body"]
    resource = scheme.by_kind(typed["apiVersion"], typed["kind"])
    assert resource is not None
    expected = Expected(resource.api_version, resource.kind, schemas.table(resource.definition))
    code, wanted, given = step["expect"]["code"], step["expect"]["body"], json.dumps(live)
    conflict = code == 409 and "Apply failed" in wanted.get("message", "")
    if conflict:
        with pytest.raises(merge.Conflicts) as caught:
            _written(live, step, expected)
        assert (str(caught.value), caught.value.causes) == (wanted["message"], wanted["details"]["causes"])
    elif code == 500:
        with pytest.raises(PatchError) as refused:
            _written(live, step, expected)
        assert refused.value.code == code
        assert refused.value.text == wanted.get("message", refused.value.text)
    elif code < 300:
        got = _written(live, step, expected)
        assert _sorted(got) == _sorted(wanted["metadata"].get("managedFields", []))
    else:
        # Refused by a later stage: here it only has to leave the live object alone.
        _written(live, step, expected)
    assert json.dumps(live) == given
