"""Tables line up as kubectl's do."""

from typing import Any

from moorage.cli.output import tables
from moorage.cli.output.tables import Columns, Style

COLUMNS: list[dict[str, Any]] = [
    {"name": "Name"}, {"name": "Ready"}, {"name": "Status"}, {"name": "Restarts"}, {"name": "Age"},
    {"name": "IP", "priority": 1},
]  # fmt: skip
LABELS = {"statefulset.kubernetes.io/pod-name": "web-0", "app": "web"}


def table(*names: str) -> dict[str, Any]:
    rows = [
        {
            "cells": [name, "1/1", "Running", 0, "5s", "10.42.0.2"],
            "object": {"metadata": {"namespace": "prod", "labels": LABELS}},
        }
        for name in names
    ]
    return {"columnDefinitions": COLUMNS, "rows": rows}


def test_columns_are_three_apart_and_the_last_is_not_padded() -> None:
    assert tables.render(table("web-0", "a-much-longer-name-0"), Style()) == [
        "NAME                   READY   STATUS    RESTARTS   AGE",
        "web-0                  1/1     Running   0          5s",
        "a-much-longer-name-0   1/1     Running   0          5s",
    ]


def test_wide_namespaces_labels_and_prefix() -> None:
    style = Style(wide=True, namespaces=True, labels=True, label_columns=("app",), prefix="pod/", headers=False)
    (line,) = tables.render(table("web-0"), style)
    front, labels = line.rsplit(maxsplit=1)
    assert front == "prod   pod/web-0   1/1   Running   0     5s    10.42.0.2   web"
    assert labels == "app=web,statefulset.kubernetes.io/pod-name=web-0"


def test_rows_that_come_later_keep_the_widths() -> None:
    columns = Columns()
    tables.render(table("a-much-longer-name-0"), Style(), columns)
    assert columns.lines([["x", "1/1"]]) == ["x                      1/1"]


def test_no_rows_no_heads() -> None:
    assert tables.render(table(), Style()) == []
