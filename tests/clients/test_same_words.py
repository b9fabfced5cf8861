"""`moor` and the real kubectl 1.32, asked the same of the same server, print the same and end with the same status."""

import asyncio
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.api import yamltext
from moorage.api.refs import key_of
from moorage.api.scheme import by_kind
from tests.fakes.listening import Listening
from tests.fakes.server import FakeServer

OBJECTS = Path(__file__).parent.parent / "unit" / "cli" / "describe" / "objects.yaml"
KUBECTL = shutil.which("kubectl.1.32") or shutil.which("kubectl") or ""
LINES = (
    "scale sts/web --replicas=-1",
    "rollout status sts/web --timeout=1s",
    "rollout history sts/web --revision=7",
    "describe po web-0",
    "describe sts web",
    "describe no node-1",
    "get po -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'",
    "get po -o custom-columns=NAME:.metadata.name,PHASE:.status.phase",
    "get po web-0 -o yaml",
    "wait pod/web-0 --for=condition=Ready --timeout=1s",
    "label pod/web-0 app=other",
    "describe deploy app",
    "describe deploy still",
    "describe rs app-b",
    "rollout status deploy/app --timeout=1s",
    "rollout status deploy/app --revision=2",
    "rollout history deploy/app",
    "rollout history deploy/app --revision=3",
    "rollout history deploy/app --revision=9",
    "rollout history deploy/still",
    "rollout undo deploy/app --dry-run=client",
    "rollout undo deploy/app --to-revision=3",
    "rollout undo deploy/app --to-revision=9",
    "rollout undo deploy/still",
    "rollout pause deploy/still",
    "rollout resume deploy/app",
    "rollout restart deploy/still",
    "describe ds agent",
    "describe ds byhand",
    "describe pdb web",
    "describe pdb none",
    "describe quota q",
    "rollout status ds/agent --timeout=1s",
    "rollout status ds/byhand --timeout=1s",
    "rollout history ds/agent",
    "rollout history ds/agent --revision=1",
    "rollout undo ds/agent --dry-run=client",
    "rollout undo ds/agent --to-revision=2",
    "rollout undo ds/agent --to-revision=9",
    "rollout undo ds/byhand",
    "rollout pause ds/agent",
    "rollout undo ds/agent",
)
pytestmark = [pytest.mark.clients, pytest.mark.slow]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    server = FakeServer()

    async def fill() -> None:
        for document in yamltext.documents(OBJECTS.read_text()):
            resource = by_kind(document["apiVersion"], document["kind"])
            assert resource is not None
            await server.put(resource.path(*key_of(document)), document)

    asyncio.run(fill())
    folder = tmp_path_factory.mktemp("home")
    with Listening(server) as listening:
        entry = {
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "clusters": [{"name": "a", "cluster": {"server": listening.url}}],
            "users": [{"name": "a", "user": {}}],
        }
        config = folder / "config"
        config.write_text(json.dumps({"current-context": "a", **entry}))
        yield {**os.environ, "KUBECONFIG": str(config), "HOME": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.skipif(not KUBECTL, reason="kubectl is not on this machine")
@pytest.mark.parametrize("line", LINES)
def test_same_words(line: str, environment: dict[str, str]) -> None:
    answers = [
        subprocess.run([*words, *shlex.split(line)], env=environment, capture_output=True, text=True, timeout=60)
        for words in ([KUBECTL], [sys.executable, "-m", "moorage"])
    ]
    kubectl, moor = ((answer.stdout, answer.stderr, answer.returncode) for answer in answers)
    assert moor == kubectl
