"""Processes are never mistaken for one another."""

import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

from moorage.nodeagent.cri.process import identify, load


def test_an_identity_survives_in_a_file(tmp_path: Path) -> None:
    mine = identify(os.getpid())
    assert mine is not None
    mine.save(tmp_path / "process.json")
    assert load(tmp_path / "process.json") == mine
    assert mine.alive()


def test_a_reused_id_or_another_boot_is_a_stranger() -> None:
    mine = identify(os.getpid())
    assert mine is not None
    assert not replace(mine, started=mine.started - 1).alive()
    assert not replace(mine, boot="another").alive()


def test_an_ended_child_is_not_alive() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        identity = identify(child.pid)
        assert identity is not None
        identity.signal(signal.SIGKILL)
        # Not reaped yet: a zombie.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert identify(child.pid) is None


def test_a_broken_or_absent_file_is_nobody(tmp_path: Path) -> None:
    assert load(tmp_path / "absent") is None
    (tmp_path / "broken").write_text("{")
    assert load(tmp_path / "broken") is None
