"""Every recorded scenario of Kubernetes 1.28.7 is reproduced, without a server."""

import json
from pathlib import Path
from typing import Any

import pytest

from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions
from moorage.controllers.daemonset import controller as daemonset
from moorage.controllers.deployment import controller as deployment
from moorage.controllers.replicaset import controller as replicaset
from moorage.controllers.statefulset.controller import build
from moorage.controllers.statefulset.rules import NEWEST, V1_28
from tests.scripts.offline import TRACES, play

_OTHERS = ("deployment", "daemonset", "replicaset", "revisions")
SCENARIOS = sorted(path for path in TRACES.glob("*.json") if not path.stem.startswith(_OTHERS))
REPLICATED = sorted(
    path for path in TRACES.glob("*.json") if path.stem.startswith(("daemonset", "deployment", "replicaset"))
)


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """Return the type tables."""
    return Schemas(load_definitions())


def _scenario(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document


FIRM = [path for path in SCENARIOS if not _scenario(path).get("newer")]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_with_the_rules_of_1_28(path: Path, schemas: Schemas) -> None:
    reached, points, first = play(_scenario(path), schemas, (build(V1_28),))
    assert first is None
    assert reached == points


@pytest.mark.parametrize("path", FIRM, ids=lambda path: path.stem)
def test_with_the_newest_rules(path: Path, schemas: Schemas) -> None:
    """Whatever upstream has not changed since is the same by default."""
    reached, points, first = play(_scenario(path), schemas, (build(NEWEST),))
    assert first is None
    assert reached == points


@pytest.mark.parametrize("path", REPLICATED, ids=lambda path: path.stem)
def test_replicas_without_identity(path: Path, schemas: Schemas) -> None:
    reached, points, first = play(_scenario(path), schemas, (replicaset.build(), deployment.build(), daemonset.build()))
    assert first is None
    assert reached == points
