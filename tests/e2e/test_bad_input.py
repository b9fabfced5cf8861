"""Wrong input and crashes: one line on standard error, the documented exit status, nothing half-made."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.assembly import processes
from tests.e2e.moor import Moor, eventually, run, running

pytestmark = pytest.mark.slow
UP = ("up", "--detach", "--runtime", "none", "--port", "0")
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n"
STATEFUL_SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: made}
spec:
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: y}}
    spec: {containers: [{name: c, image: i}]}
"""
# Manifest, words of the one line that refuses it.
MANIFESTS = {
    "broken": ("a: [1\nb: }\n", "error converting YAML to JSON: yaml: line 2: did not find expected ',' or ']'"),
    "no-kind": ("apiVersion: v1\nmetadata: {name: made}\n", "error validating data: kind not set"),
    "unknown-kind": ("apiVersion: v1\nkind: Frob\nmetadata: {name: made}\n", 'no matches for kind "Frob"'),
    "unknown-field": (CONFIG_MAP + "nonsense: 1\n", 'strict decoding error: unknown field "nonsense"'),
    "duplicate-key": (CONFIG_MAP + 'data:\n  a: "1"\n  a: "2"\n', 'line 6: key "a" already set in map'),
    "wrong-type": (CONFIG_MAP + "data: 5\n", "json: cannot unmarshal number into Go struct field ConfigMap.data"),
    "wrong-selector": (STATEFUL_SET, "`selector` does not match template `labels`"),
    "long-name": (CONFIG_MAP.replace("made", "a" * 254), "must be no more than 253 characters"),
}
USAGE = {
    "command": (("frobnicate",), 'unknown command "frobnicate"'),
    "flag": (("get", "pods", "--frobnicate"), "error: unknown flag: --frobnicate"),
    "number": (
        (*UP[:-1], "x"),
        'error: invalid argument "x" for "--port" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ),
    "port": ((*UP[:-1], "99999"), "--port must be between 0 and 65535, not 99999"),
    "runtime": (("up", "--runtime", "bogus"), "--runtime must be one of containerd, sim, none, not 'bogus'"),
    "nodes": ((*UP, "--nodes", "-1"), "--nodes must be between 0 and 64, not -1"),
    "networks": ((*UP, "--pod-cidr", "10.43.0.0/24"), "overlaps --service-cidr 10.43.0.0/16; choose others"),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moor]:
    """A control plane that no test stops."""
    cluster = Moor(tmp_path_factory.mktemp("moor") / "data")
    cluster.up("--runtime", "none")
    yield cluster
    assert cluster.purge().code == 0


@pytest.fixture
def moor(tmp_path: Path) -> Iterator[Moor]:
    """A data directory of the test's own, nothing in it yet."""
    cluster = Moor(tmp_path / "data")
    yield cluster
    if cluster.data_dir.is_dir():
        assert cluster.purge().code == 0
    assert running(cluster.data_dir) == {}


def refusal(text: str) -> str:
    """Return the one line of an error; warnings stand on lines of their own."""
    lines = [line for line in text.splitlines() if not line.startswith("Warning: ")]
    assert len(lines) == 1, text
    return lines[0]


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_bad_manifest_is_refused_in_one_line_and_makes_nothing(shared: Moor, tmp_path: Path, name: str) -> None:
    text, words = MANIFESTS[name]
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    result = shared.run("apply", "-f", str(file))
    assert (result.code, result.out) == (1, "")
    assert words in refusal(result.err)
    made = shared.objects("configmaps,statefulsets")
    assert [one["metadata"]["name"] for one in made] in ([], ["kube-root-ca.crt"])


def test_a_missing_file_is_named(shared: Moor) -> None:
    result = shared.run("apply", "-f", "nowhere.yaml")
    assert (result.code, refusal(result.err)) == (1, 'error: the path "nowhere.yaml" does not exist')


def test_a_missing_object_and_an_unknown_type_are_errors(shared: Moor) -> None:
    absent, unknown = shared.run("get", "pod", "nope"), shared.run("get", "frobs")
    assert (absent.code, refusal(absent.err)) == (1, 'Error from server (NotFound): pods "nope" not found')
    assert (unknown.code, refusal(unknown.err)) == (1, 'error: the server doesn\'t have a resource type "frobs"')


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_ends_with_status_2_and_makes_nothing(moor: Moor, name: str) -> None:
    words, said = USAGE[name]
    result = moor.run(*words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err.splitlines()[0]
    assert "usage:" not in result.err
    assert not moor.data_dir.exists()


def test_a_second_up_names_the_pid_of_the_first(shared: Moor) -> None:
    result = shared.run(*UP)
    pid = shared.recorded_pid("control-plane")
    told = f"error: a control plane already runs in {shared.data_dir} (pid {pid}); stop it with: moor down"
    assert (result.code, refusal(result.err)) == (1, told)
    assert shared.must("status").rows()[0][:2] == ["control-plane", str(pid)]


def test_a_taken_port_is_named_and_nothing_is_left_running(moor: Moor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = moor.run(*UP[:-1], str(port))
    told = f"error: port {port} on 127.0.0.1 is in use; choose another with --port"
    assert (result.code, refusal(result.err)) == (1, told)
    assert moor.run("status").code == 1
    assert not (moor.data_dir / "kubeconfig").exists()


def test_the_record_of_a_dead_process_is_no_obstacle(moor: Moor) -> None:
    run = moor.data_dir / "run"
    run.mkdir(parents=True)
    # The pid lives (it is ours), but started at another time: a number used again.
    processes.remember(run, processes.Process("control-plane", os.getpid(), "1"))
    moor.up("--runtime", "none")
    assert moor.recorded_pid("control-plane") != os.getpid()
    moor.must("get", "namespaces")


@pytest.mark.parametrize("verb", ["up", "down", "status"])
def test_a_file_as_data_directory_is_an_error_in_one_line(moor: Moor, verb: str) -> None:
    moor.data_dir.write_text("mine")
    result = moor.run(*(UP if verb == "up" else (verb,)))
    assert result.code == 1
    assert str(moor.data_dir) in refusal(result.out + result.err)
    assert moor.data_dir.read_text() == "mine"


def test_a_place_where_nothing_can_be_made_is_an_error_in_one_line(moor: Moor) -> None:
    result = moor.run(*UP, "--data-dir", "/proc/moorage")
    assert result.code == 1
    assert refusal(result.err).startswith("error: cannot make /proc/moorage: ")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount 6 MiB of memory: less than the store keeps in reserve."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("FULL DISK NOT TESTED: needs the right to mount a small one")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_is_an_error_in_one_line_and_nothing_is_left_running(small_disk: Path) -> None:
    cluster = Moor(small_disk / "data")
    result = cluster.run(*UP)
    told = f"the disk of {cluster.data_dir}/store is nearly full: free some space"
    assert (result.code, refusal(result.err)) == (1, f"error: {told}")
    assert running(cluster.data_dir) == {}


@pytest.fixture
def nobody() -> list[str]:
    """Words that run Python as a user without any right."""
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    # The environment of the tests' own interpreter may lie where only root can read.
    tried = [*words, "-c", "import moorage, msgspec"]
    if os.geteuid() != 0 or subprocess.run(tried, env=environment, check=False).returncode:
        pytest.skip("WITHOUT ROOT NOT TESTED: needs root, setpriv and a Python that everybody may run")
    return words


def test_without_root_real_containers_are_refused_in_one_line_and_nothing_is_made(nobody: list[str]) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        cluster = Moor(Path(folder) / "data")
        result = run([*nobody, "-m", "moorage", "up", "--detach", "--port", "0"], cluster.environment)
        assert not cluster.data_dir.exists()
    assert (result.code, result.out) == (1, "")
    assert refusal(result.err).startswith("error: cannot run real containers: not root: run as root, e.g. with sudo")


@pytest.mark.parametrize("verb", ["up", "down", "status", "get pods", "image list"])
def test_somebody_elses_data_directory_is_an_error_in_one_line(nobody: list[str], tmp_path: Path, verb: str) -> None:
    tmp_path.chmod(0o700)
    result = run([*nobody, "-m", "moorage", *verb.split()], Moor(tmp_path / "data").environment)
    assert (result.code, result.out) == (1, "")
    assert refusal(result.err).endswith("Permission denied; run as the user who started the cluster, e.g. with sudo")


def test_a_claim_without_a_class_says_so_in_an_event(shared: Moor) -> None:
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: classless}\nspec: {storageClassName: '', "
    shared.must("apply", "-f", "-", text=claim + "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}")
    shared.must("wait", "pvc/classless", "--for=jsonpath={.status.phase}=Pending", "--timeout=10s")
    told = "no persistent volumes available for this claim and no storage class is set"
    asyncio.run(eventually(lambda: told in shared.must("describe", "pvc", "classless").out))
    shared.must("delete", "pvc", "classless")


def test_a_name_too_long_for_pod_labels_is_warned_of(shared: Moor) -> None:
    manifest = STATEFUL_SET.replace("made", "a" * 60).replace("app: y", "app: x")
    result = shared.run("apply", "-f", "-", text=manifest)
    assert "its pods cannot be created: label controller-revision-hash would have 71 characters" in result.err
    shared.must("delete", "sts", "a" * 60)


def test_down_leaves_a_directory_alone_that_is_not_ours(moor: Moor) -> None:
    mine = moor.data_dir.parent / "mine"
    mine.mkdir()
    (mine / "letter").write_text("dear")
    result = moor.run("down", "--purge", "--data-dir", str(mine))
    assert result.code == 1
    assert "is not a data directory of moorage" in refusal(result.err)
    assert (mine / "letter").read_text() == "dear"


def test_what_was_acknowledged_survives_a_kill(moor: Moor) -> None:
    moor.up("--runtime", "none")
    names = [f"kept-{number}" for number in range(20)]
    documents = "---\n".join(CONFIG_MAP.replace("made", name) for name in names)
    told = moor.must("apply", "-f", "-", text=documents)
    assert len(told.lines) == len(names)
    dead = moor.recorded_pid("control-plane")
    os.kill(dead, signal.SIGKILL)
    moor.up("--runtime", "none")
    assert moor.recorded_pid("control-plane") != dead
    found = [one["metadata"]["name"] for one in moor.objects("configmaps")]
    assert set(names) <= set(found)
