"""What exec finds in a made-up container."""

from pathlib import Path

import pytest

from moorage.nodeagent.ports import ContainerConfig, ExecResult, Mount, SandboxConfig
from moorage.sim.shell import Missing, Shell

SANDBOX = SandboxConfig("u", "web-0", "default", 0, "web-0", "")


def shell(folder: Path) -> Shell:
    """Return a shell with /data mounted from `folder`."""
    mounts = (Mount(str(folder), "/data"), Mount(str(folder), "/fixed", read_only=True))
    config = ContainerConfig("main", 0, "image", "", env=(("COLOUR", "blue"),), mounts=mounts)
    return Shell(SANDBOX, config, frozenset({"pg_isready"}))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["hostname"], ExecResult(0, b"web-0\n", b"")),
        (["cat", "/etc/hostname"], ExecResult(0, b"web-0\n", b"")),
        (["sh", "-c", "echo $COLOUR ${COLOUR}"], ExecResult(0, b"blue blue\n", b"")),
        (["sh", "-c", "echo a > /tmp/x; cat /tmp/x; ls /tmp"], ExecResult(0, b"a\nx\n", b"")),
        (["sh", "-c", "false && echo no"], ExecResult(1, b"", b"")),
        (["sh", "-c", "false || echo yes"], ExecResult(0, b"yes\n", b"")),
        (["sh", "-c", "true || echo no"], ExecResult(0, b"", b"")),
        (["sh", "-c", "false && echo no; echo yes"], ExecResult(0, b"yes\n", b"")),
        (["sh", "-c", "true || echo no && echo yes"], ExecResult(0, b"yes\n", b"")),
        (["sh", "-c", "exit 4; echo no"], ExecResult(4, b"", b"")),
        (["sh", "-c", "exit 4"], ExecResult(4, b"", b"")),
        (["sh", "-c", "nothing"], ExecResult(127, b"", b"sh: nothing: not found\n")),
        (["test", "-e", "/data"], ExecResult(0, b"", b"")),
        (["test", "-e", "/absent"], ExecResult(1, b"", b"")),
        (["pg_isready", "-U", "x"], ExecResult(0, b"", b"")),
    ],
)
def test_commands(tmp_path: Path, command: list[str], expected: ExecResult) -> None:
    assert shell(tmp_path).run(command) == expected


def test_mounted_files_are_the_hosts(tmp_path: Path) -> None:
    one = shell(tmp_path)
    assert one.run(["sh", "-c", "echo $(hostname) > /data/page && echo two >> /data/page"]).exit_code == 0
    assert (tmp_path / "page").read_text() == "web-0\ntwo\n"
    assert one.run(["ls", "/data"]).stdout == b"page\n"


def test_nothing_leaves_a_mount_or_writes_where_it_may_not(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "in").mkdir()
    one = shell(tmp_path / "in")
    assert one.run(["cat", "/data/../secret"]).exit_code == 1
    refused = one.run(["sh", "-c", "echo x > /fixed/y"])
    assert refused.exit_code == 1
    assert not (tmp_path / "in" / "y").exists()


def test_an_absent_program_is_told_apart_from_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Missing, match='exec: "nothing": executable file not found'):
        shell(tmp_path).run(["nothing"])
