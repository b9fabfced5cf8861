"""Every text scenario prints what is recorded in it; `--rewrite` records it anew."""

from pathlib import Path

import pytest

from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions
from tests.scripts.script import Script

SCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """Return the type tables."""
    return Schemas(load_definitions())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script(path: Path, schemas: Schemas, request: pytest.FixtureRequest) -> None:
    recorded = path.read_text()
    now = Script(schemas).run(recorded)
    if request.config.getoption("--rewrite"):
        path.write_text(now)
    else:
        assert now == recorded
