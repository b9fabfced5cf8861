"""What kubectl and moor do with a running container: logs, exec with and without a terminal, port-forward, and a bad image."""

import asyncio
import os
import pty
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import WAIT
from tests.e2e.kubectl import Kubectl
from tests.e2e.moor import TIMEOUT_SECONDS, Moor, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.clients, pytest.mark.slow]
# Says two lines, waits for its end, and ends with 3.
TALKER = """
apiVersion: v1
kind: Pod
metadata: {name: talker}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers:
  - name: c
    image: ikubernetes/myapp:v5
    command: [sh, -c, "echo one; echo two; while [ ! -e /end ]; do sleep 0.1; done; echo three; exit 3"]
"""


@pytest.fixture(scope="module")
def kubectl(real: Moor) -> Kubectl:
    """kubectl on a node of real containers."""
    return Kubectl(real)


def test_logs_are_followed_to_the_end_of_the_container(kubectl: Kubectl) -> None:
    kubectl.must("apply", "-f", "-", text=TALKER)
    kubectl.must("wait", "pod/talker", "--for=condition=Ready", WAIT)
    assert kubectl.must("logs", "talker") == ["one", "two"]
    assert kubectl.must("logs", "talker", "--tail=1") == ["two"]
    with subprocess.Popen(
        kubectl.line("logs", "-f", "talker"), stdout=subprocess.PIPE, text=True, env=kubectl.environment
    ) as follower:
        kubectl.must("exec", "talker", "--", "touch", "/end")
        out, _ = follower.communicate(timeout=TIMEOUT_SECONDS)
    assert out.splitlines() == ["one", "two", "three"]
    kubectl.must("wait", "pod/talker", "--for=jsonpath={.status.phase}=Failed", WAIT)
    (status,) = kubectl.get("pod", "talker")["status"]["containerStatuses"]
    assert (status["state"]["terminated"]["exitCode"], status["state"]["terminated"]["reason"]) == (3, "Error")
    kubectl.must("delete", "pod", "talker")


def test_exec_carries_input_output_and_exit_status(kubectl: Kubectl, real: Moor) -> None:
    words = ("exec", "-i", "myapp-0", "--", "sh", "-c", "cat; echo oops >&2; exit 7")
    for result in (kubectl.run(*words, text="hello\n"), real.run(*words, text="hello\n")):
        assert (result.code, result.out) == (7, "hello\n")
        assert result.err.splitlines() == ["oops", "command terminated with exit code 7"]


def test_exec_with_a_terminal_gives_one(kubectl: Kubectl) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        kubectl.line("exec", "-it", "myapp-0", "--", "sh", "-c", "tty; read line; echo got $line"),
        stdin=theirs, stdout=theirs, stderr=theirs, env=kubectl.environment,
    ) as session:  # fmt: skip
        os.close(theirs)
        os.write(ours, b"typed\n")
        assert session.wait(TIMEOUT_SECONDS) == 0
    shown = _drained(ours)
    assert "/dev/pts/" in shown
    assert "got typed" in shown


def _drained(terminal: int) -> str:
    """Return what a terminal shows until its other end hung up."""
    found = b""
    while True:
        try:
            block = os.read(terminal, 4096)
        except OSError:
            block = b""
        if not block:
            os.close(terminal)
            return found.decode()
        found += block


def test_a_forwarded_port_reaches_the_pod(kubectl: Kubectl) -> None:
    with subprocess.Popen(
        kubectl.line("port-forward", "myapp-0", ":80"), stdout=subprocess.PIPE, text=True, env=kubectl.environment
    ) as forward:
        assert forward.stdout is not None
        words = forward.stdout.readline().split()
        assert words[:2] == ["Forwarding", "from"]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{words[2]}/", timeout=10) as answer:
            assert answer.status == 200
        forward.terminate()


def test_files_are_copied_in_and_out(kubectl: Kubectl, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("cargo\n")
    kubectl.must("cp", str(tmp_path / "in"), "myapp-0:/tmp/cargo")
    kubectl.must("cp", "myapp-0:/tmp/cargo", str(tmp_path / "out"))
    assert (tmp_path / "out").read_text() == "cargo\n"


def test_a_missing_image_is_told_in_status_and_events(kubectl: Kubectl) -> None:
    kubectl.must("run", "imageless", "--image=ikubernetes/nope:v9", "--restart=Never")

    def reason() -> str:
        statuses = kubectl.get("pod", "imageless")["status"].get("containerStatuses", [{}])
        return str(statuses[0].get("state", {}).get("waiting", {}).get("reason"))

    asyncio.run(eventually(lambda: reason() == "ImagePullBackOff"))
    described = "\n".join(kubectl.must("describe", "pod", "imageless"))
    assert 'Failed to pull image "ikubernetes/nope:v9"' in described
    assert 'Back-off pulling image "ikubernetes/nope:v9"' in described
    kubectl.must("delete", "pod", "imageless")


def test_edit_changes_the_set(kubectl: Kubectl) -> None:
    editor = "sed -i s/terminationGracePeriodSeconds:.*/terminationGracePeriodSeconds:\\ 2/"
    edited = subprocess.run(
        kubectl.line("edit", "sts", "myapp"), env={**kubectl.environment, "EDITOR": editor},
        capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False,
    )  # fmt: skip
    assert (edited.returncode, edited.stdout) == (0, "statefulset.apps/myapp edited\n")
    kubectl.must("rollout", "status", "sts/myapp", WAIT)
    assert kubectl.get("pod", "myapp-0")["spec"]["terminationGracePeriodSeconds"] == 2
