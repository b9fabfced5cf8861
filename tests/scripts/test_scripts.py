"""Every text scenario prints what is recorded in it; `--rewrite` records it anew."""

import re
from pathlib import Path

import pytest

from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions
from tests.scripts.replicas import ReplicaScript
from tests.scripts.script import Script

HERE = Path(__file__).parent
SCRIPTS = sorted((*HERE.glob("*.txt"), *HERE.glob("*/*.txt")))
_PLAYERS = {"deployments": ReplicaScript}
"""Whose language the scripts of a folder are in; the sets' elsewhere."""


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """Return the type tables."""
    return Schemas(load_definitions())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script(path: Path, schemas: Schemas, request: pytest.FixtureRequest) -> None:
    recorded = path.read_text()
    now = _PLAYERS.get(path.parent.name, Script)(schemas).run(recorded)
    if request.config.getoption("--rewrite"):
        path.write_text(now)
    else:
        assert now == recorded


def test_the_table_names_stories_that_exist() -> None:
    folder = Path(__file__).parent
    named = set(re.findall(r"`([\w-]+\.txt)`", (folder / "README.md").read_text()))
    assert named
    assert named <= {path.name for path in SCRIPTS}
