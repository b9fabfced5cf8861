"""Templates find what kubectl's find; each expected text is what kubectl 1.32 printed for the same document."""

from typing import Any

import pytest

from moorage.base.errors import UserError
from moorage.cli.output import columns, jsonpath, tables

DOCUMENT: dict[str, Any] = {
    "kind": "List",
    "items": [
        {"metadata": {"name": "bare", "labels": {}}, "size": 10, "status": {"phase": "Pending"}},
        {
            "metadata": {"name": "web-0", "labels": {"app": "web", "x.io/index": "0"}},
            "size": 2,
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
        },
    ],
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{.items[*].metadata.name}", "bare web-0"),
        ("{.items[0].metadata.name}", "bare"),
        ("{.items[-1:].metadata.name}", "web-0"),
        ("{.items[0,1].metadata.name}", "bare web-0"),
        ("{$.kind}: {.nope}!", "List: !"),
        ("{.items[1].metadata.labels.x\\.io/index}", "0"),
        ("{.items[1].metadata.labels['app','x.io/index']}", "web 0"),
        ("{.items[1].metadata.labels}", '{"app":"web","x.io/index":"0"}'),
        ('{.items[*].status.conditions[?(@.type=="Ready")].status}', "True"),
        ('{.items[?(@.status.phase!="Running")].metadata.name}', "bare"),
        ("{.items[?(@.size>5)].metadata.name}", "bare"),
        ("{.items[?(@.status.conditions)].metadata.name}", "web-0"),
        ('{range .items[*]}{.metadata.name}{"\\t"}{.status.phase}{"\\n"}{end}', "bare\tPending\nweb-0\tRunning\n"),
        ("{..phase}", "Pending Running"),
    ],
)
def test_templates(template: str, expected: str) -> None:
    assert jsonpath.render(jsonpath.parse(template), DOCUMENT) == expected


@pytest.mark.parametrize("template", ["{.items", "{.items[abc]}", "{end}", "{range .items}x", "{.items[?(@.a==)]}"])
def test_templates_that_are_wrong_are_refused(template: str) -> None:
    with pytest.raises(UserError):
        jsonpath.parse(template)


def test_custom_columns() -> None:
    wanted = columns.columns("NAME:.metadata.name,PHASE:{.status.phase},TYPES:.status.conditions[*].type")
    lines = tables.Columns().lines(columns.rows(wanted, DOCUMENT["items"], heads=True))
    assert lines == ["NAME    PHASE     TYPES", "bare    Pending   <none>", "web-0   Running   Ready"]
    with pytest.raises(UserError, match="unexpected custom-columns spec: NAME"):
        columns.columns("NAME")


@pytest.mark.parametrize(
    ("values", "ordered"),
    [(["10", "9"], ["9", "10"]), (["2Gi", "512Mi"], ["512Mi", "2Gi"]), (["b", "a", None], [None, "a", "b"])],
)
def test_sorting_knows_numbers_quantities_and_texts(values: list[str | None], ordered: list[str | None]) -> None:
    found = [{"v": value} if value else {} for value in values]
    assert [one.get("v") for one in sorted(found, key=columns.order(".v"))] == ordered
