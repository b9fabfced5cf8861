"""Annotations under `moorage.dev/`: what each value means, what makes no sense, and that --strict obeys none."""

import datetime
from dataclasses import replace

import pytest

from moorage.controllers.statefulset import options
from moorage.controllers.statefulset.decide import decide
from moorage.controllers.statefulset.rules import NEWEST, Rules
from moorage.reconcile.actions import Delete
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)


def _read(**annotations: str) -> options.Options:
    given = {f"moorage.dev/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return options.read({"metadata": {"annotations": given}})


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("1h30m", 5400), ("0s", None), ("soon", None)])
def test_durations(text: str, seconds: float | None) -> None:
    found = _read(auto_revert_after=text)
    assert found.revert_after == seconds
    assert bool(found.problems) == (seconds is None)


def test_nothing_asked() -> None:
    assert options.read({"metadata": {"annotations": {"a": "b"}}}) is options.NONE
    assert not _read(unstick="false").mends


@pytest.mark.parametrize(("asked", "goes"), [("true", True), (make.revision_name(), True), ("web-other", False)])
def test_unstick_towards_a_revision(*, asked: str, goes: bool) -> None:
    assert _unsticks(asked, NEWEST) is goes


def test_strict_obeys_none() -> None:
    assert not _unsticks("true", replace(NEWEST, extensions=False))


def test_strict_gives_a_set_the_ordinals_kubernetes_does() -> None:
    asked = {options.HIBERNATE: "true", options.RESERVED: "0,1"}
    owner = make.stateful_set(metadata={"annotations": asked})
    assert list(make.snapshot(owner).spec.ordinals) == []
    assert list(make.snapshot(owner).spec.awake) == [2, 3, 4]
    strict = make.snapshot(owner, extended=False).spec
    assert (list(strict.ordinals), strict.replicas, strict.options) == ([0, 1, 2], 3, options.NONE)


def _unsticks(asked: str, rules: Rules) -> bool:
    metadata = {"annotations": {options.UNSTICK: asked}}
    status = {"currentRevision": make.revision_name("app:0")}
    pods = (make.pod("web-0", "app:0"), make.pod("web-1", "app:0", "running"), make.pod("web-2", "app:0"))
    history = (make.revision(1, "app:0"), make.revision(2))
    plan = decide(
        make.snapshot(make.stateful_set(status, metadata), *history, *pods, extended=rules.extensions), NOW, rules
    )
    deleted = [one.key.name for one in plan.steps if isinstance(one, Delete)]
    assert deleted in ([], ["web-1"])
    return bool(deleted)
