"""Starts, finds and stops the private containerd.

In: `Layout` and the configuration text. Out: a running containerd in a session of its own, so that it and its
containers outlive agent and control plane; its identity is in a file, so that the next agent finds it.
"""

import os
import signal

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.ports import Clock
from moorage.nodeagent.cri import process
from moorage.nodeagent.cri.calls import Calls
from moorage.nodeagent.cri.commands import find, search_path
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.layout import Layout

START_SECONDS = 30.0
"""How long containerd may take to answer; measured 0.3 s on an idle machine."""
STOP_SECONDS = 10.0
"""How long containerd may take to end before it is killed."""
POLL_SECONDS = 0.02
LOG_LINES = 3


class Containerd:
    """The containerd of one data directory.

    Args:
        layout: where it lives.
        clock: for waits.
    """

    def __init__(self, layout: Layout, clock: Clock) -> None:
        self._layout = layout
        self._clock = clock

    def running(self) -> process.Identity | None:
        """Return the living containerd of this data directory, if there is one."""
        identity = process.load(self._layout.pid)
        return identity if identity and identity.alive() else None

    async def ensure_running(self, config: str) -> process.Identity:
        """Reuse the living containerd; start one where there is none or its configuration differs.

        Args:
            config: text of its configuration file.

        Raises:
            RuntimeFailure: it ended at once; the message holds its last words.
            Unavailable: it does not answer in time.
        """
        identity = self.running()
        if identity and self._configured() != config:
            await self.stop()
            identity = None
        if identity and await self._ready(identity):
            return identity
        # None was found, or the one that was found was just dying.
        self._layout.config.write_text(config)
        identity = self._spawn()
        if not await self._ready(identity):
            raise self._died()
        return identity

    async def stop(self) -> None:
        """End containerd; containers go on. Does nothing where none runs."""
        identity = self.running()
        if identity:
            identity.signal(signal.SIGTERM)
            if not await self._ended(identity):
                identity.signal(signal.SIGKILL)
                await self._ended(identity)
        self._layout.pid.unlink(missing_ok=True)

    def _configured(self) -> str:
        try:
            return self._layout.config.read_text()
        except OSError:
            return ""

    def _spawn(self) -> process.Identity:
        program = find("containerd")
        if not program:
            raise RuntimeFailure("CommandMissing", "containerd is not installed")
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        pid = os.posix_spawn(
            program,
            [program, "--config", str(self._layout.config)],
            {**os.environ, "PATH": search_path()},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self._layout.log), flags, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
            # Python ignores SIGPIPE and children would inherit that.
            setsigdef=[signal.SIGPIPE],
        )
        identity = process.identify(pid)
        if identity is None:
            raise self._died()
        identity.save(self._layout.pid)
        return identity

    async def _ready(self, identity: process.Identity) -> bool:
        until = self._clock.monotonic() + START_SECONDS
        calls = Calls(self._layout.socket, self._clock)
        try:
            while self._clock.monotonic() < until:
                if not identity.alive():
                    return False
                if await _answers(calls):
                    return True
                await self._clock.sleep(POLL_SECONDS)
        finally:
            calls.close()
        raise Unavailable(f"containerd does not answer after {START_SECONDS:g} s; see {self._layout.log}")

    async def _ended(self, identity: process.Identity) -> bool:
        until = self._clock.monotonic() + STOP_SECONDS
        while identity.alive() and self._clock.monotonic() < until:
            await self._clock.sleep(POLL_SECONDS)
        return not identity.alive()

    def _died(self) -> RuntimeFailure:
        try:
            words = self._layout.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        except OSError:
            words = []
        said = " | ".join(words) or "it said nothing"
        return RuntimeFailure("ContainerdDied", f"containerd ended at its start: {said}")


async def _answers(calls: Calls) -> bool:
    try:
        await calls.call(calls.runtime.Status, pb.StatusRequest(), "RuntimeError")
    except Unavailable:
        return False
    return True
