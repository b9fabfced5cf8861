"""Every example of these pages prints what the page says, on made-up nodes: times and revisions aside.

In: a page: `yaml` blocks are applied, those that begin with `# NAME` become a file of that name; `console` blocks run in order.
Out: equal words. An answer that is not there yet is asked for again until it is, for at most thirty seconds: the page shows
states, not instants.
"""

import asyncio
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.moor import Moor, eventually

pytestmark = [pytest.mark.slow, pytest.mark.clients]
DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"why.md": 9, "plan.md": 8, "statefulset.md": 18}
"""How many blocks each page has."""
_BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_AGE = re.compile(r"\b\d+(?:\.\d+)?(?:s|m\d*s?)(?=$|[\s:])", re.MULTILINE)
_FILE = re.compile(r"# (\S+\.yaml)\n")


@pytest.fixture
def moor(tmp_path: Path) -> Iterator[Moor]:
    """Two made-up nodes."""
    cluster = Moor(tmp_path / "data")
    cluster.up("--runtime", "sim", "--nodes", "2")
    try:
        yield cluster
    finally:
        cluster.purge()


def _masked(text: str) -> str:
    return " ".join(_AGE.sub("AGE", text).split())


def _examples(block: str) -> Iterator[tuple[list[str], str]]:
    """Return each command of a block with the output the page shows; "" for one whose output is not shown."""
    for part in block.removeprefix("$ ").split("\n$ "):
        line, _, shown = part.partition("\n")
        yield shlex.split(line, comments=True), shown.strip()


@pytest.mark.parametrize("page", PAGES)
def test_every_example_of_the_page(moor: Moor, tmp_path: Path, page: str) -> None:
    kubectl = Kubectl(moor)
    commands = {"moor": moor.run, "kubectl": kubectl.run}
    files: dict[str, str] = {}

    def prints(words: list[str], shown: str) -> None:
        seen = []

        def right() -> bool:
            seen.append(commands[words[0]](*(files.get(word, word) for word in words[1:])))
            said = _masked(seen[-1].out + seen[-1].err)
            return said == _masked(shown) if shown else seen[-1].code == 0

        try:
            asyncio.run(eventually(right))
        except TimeoutError:
            pytest.fail(f"$ {shlex.join(words)}\n{seen[-1].out}{seen[-1].err}\nthe page says:\n{shown}")

    blocks = _BLOCK.findall((DOCS / page).read_text())
    assert len(blocks) == PAGES[page]
    for kind, text in blocks:
        named = _FILE.match(text)
        if named:
            files[named[1]] = str(tmp_path / named[1])
            (tmp_path / named[1]).write_text(text)
        elif kind == "yaml":
            moor.must("apply", "-f", "-", text=text)
        else:
            for words, shown in _examples(text):
                prints(words, shown)
