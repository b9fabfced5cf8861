"""What a creator owns, in one pass, is what comparing with the empty value gives."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from moorage.api import decode, meta, scheme
from moorage.api.decode import Expected
from moorage.api.patch.apply import managers
from moorage.api.patch.apply.managers import Writer
from moorage.api.schema import Schemas
from tests.unit.api import goldens

NOW = datetime.datetime(2026, 11, 22, 18, 55, 43, tzinfo=datetime.UTC)


def _created() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object that was created, as sent and as answered."""
    cases = [case for file in ("defaults", "apply", "patches") for case in goldens.cases(file)]
    for case, number, step in ((one, *pair) for one in cases for pair in enumerate(one["steps"])):
        answer = step.get("expect") or {}
        if step.get("method") == "POST" and answer.get("code") == 201:
            yield f"{case['id']}-{number}-sent", step["body"]
            yield f"{case['id']}-{number}-answered", answer["body"]


def _bodies() -> list[Any]:
    found = []
    for name, body in _created():
        known = scheme.by_kind(body.get("apiVersion", ""), body.get("kind", ""))
        # Recorded answers name the ports of a Service by placeholders.
        placeholders = body.get("kind") == "Service" and name.endswith("answered")
        if known and not placeholders and isinstance(body.get("metadata"), dict):
            found.append(pytest.param(body, id=name))
    return found


@pytest.mark.parametrize("reset", [(), (("f:status",),)], ids=["all", "no-status"])
@pytest.mark.parametrize("body", _bodies())
def test_one_pass_owns_what_a_comparison_owns(
    body: dict[str, Any], reset: tuple[tuple[str, ...], ...], schemas: Schemas
) -> None:
    resource = scheme.by_kind(body["apiVersion"], body["kind"])
    assert resource is not None
    table = schemas.table(resource.definition)
    expected = Expected(resource.api_version, resource.kind, table)
    new = decode.convert(body, expected, "Ignore").document
    meta.own_metadata(new).pop("managedFields", None)
    writer = Writer("one", resource.api_version, "", reset)
    comparison = managers.written(managers.empty_document(table), new, writer, table)
    generic = managers.encode(managers.taken_over({}, comparison, writer, "2026-11-22T18:55:43Z"))
    direct = managers.encode(managers.created(new, writer, table, NOW))
    assert direct == generic
    assert repr(direct) == repr(generic), "the order of elements differs"
