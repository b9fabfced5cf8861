"""The stage: prints the story, runs the commands, keeps the claims and the times.

In: lines of text, command lines, claims with what was observed. Out: the terminal, and `Stage.failed`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from moorage.base.ports import Clock

COMMAND_SECONDS = 120.0
KILL_SECONDS = 5.0
INDENT = "    "
# `moor` in a typed line is this very program under the same interpreter, installed or not.
PREAMBLE = 'moor() { "$MOORAGE_PYTHON" -m moorage "$@"; }; '


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did.

    Args:
        code: its exit status; -1 where it was ended for taking too long.
        text: what it printed, both streams in order.
    """

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines it printed, blank ones left out."""
        return [line for line in self.text.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One finished step and how long it took, seconds."""

    title: str
    seconds: float
    failed: int


class Stage:
    """Where the story is told.

    Args:
        clock: for timings.
        folder: working directory of every command.
        environment: added to the environment of every command.
        pause: whether a key is awaited before each step.
    """

    def __init__(self, clock: Clock, folder: Path, environment: Mapping[str, str], *, pause: bool = False) -> None:
        self._clock = clock
        self._folder = folder
        self._environment = {**os.environ, **environment, "MOORAGE_PYTHON": sys.executable, "PYTHONUNBUFFERED": "1"}
        self._pause = pause
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._title = ""
        self._began = 0.0
        self._failed_here = 0
        self.chapters: list[Chapter] = []
        self.failures: list[str] = []
        self.seen = 0

    async def open(self, title: str, why: str) -> None:
        """Begin a step: its name and, in one line, what it shows."""
        if self._pause and self.chapters:
            await asyncio.to_thread(input, "\n-- Enter goes on --")
        self._title, self._began, self._failed_here = title, self._clock.monotonic(), len(self.failures)
        self.say(f"\n{self._paint(f'{len(self.chapters) + 1}. {title}', '1')}\n   {why}\n")

    def close(self) -> None:
        """End a step."""
        failed = len(self.failures) - self._failed_here
        self.chapters.append(Chapter(self._title, self._clock.monotonic() - self._began, failed))

    async def run(self, line: str, seconds: float = COMMAND_SECONDS) -> Outcome:
        """Show a command line, run it, show what it prints as it comes."""
        self.say(self._paint(f"  $ {line}", "36"))
        return await self._run(line, seconds, shown=True)

    async def ask(self, line: str, seconds: float = COMMAND_SECONDS) -> Outcome:
        """Run a command line without showing it: to observe, not to tell."""
        return await self._run(line, seconds, shown=False)

    async def start(self, line: str) -> "asyncio.subprocess.Process":
        """Show a command line and start it; the caller reads its output and ends it with `end`."""
        self.say(self._paint(f"  $ {line}", "36"))
        return await self._spawn(line)

    async def end(self, child: "asyncio.subprocess.Process") -> None:
        """End a started command with everything it started."""
        _signal(child, signal.SIGTERM)
        try:
            await asyncio.wait_for(child.wait(), KILL_SECONDS)
        except TimeoutError:
            _signal(child, signal.SIGKILL)
            await child.wait()

    def claim(self, text: str, observed: bool, instead: str = "") -> bool:  # noqa: FBT001 - a claim is a text and a truth
        """Show a claim with a mark that says whether it was observed.

        Args:
            text: what should be so.
            observed: whether it was seen to be so.
            instead: what was seen where it was not.
        """
        if observed:
            self.seen += 1
            self.say(f"  {self._paint('✓', '32')} {text}")
            return True
        self.failures.append(f"{self._title}: {text}")
        self.say(f"  {self._paint('✗', '31')} {text}")
        self.say(f"{INDENT}seen instead: {instead or 'nothing of the kind'}")
        return False

    def note(self, text: str) -> None:
        """Show a remark."""
        self.say(f"  · {text}")

    def show(self, line: str) -> None:
        """Show a line of a command's output."""
        self.say(f"{INDENT}{line}")

    def say(self, text: str) -> None:
        """Print at once."""
        print(text, flush=True)

    async def _run(self, line: str, seconds: float, *, shown: bool) -> Outcome:
        child = await self._spawn(line)
        lines: list[str] = []
        try:
            async with asyncio.timeout(seconds):
                async for line_of_output in _output(child):
                    lines.append(line_of_output)
                    if shown:
                        self.show(line_of_output)
                await child.wait()
        except TimeoutError:
            self.show(f"(ended: no result within {seconds:.0f} s)")
            return Outcome(-1, "\n".join(lines))
        finally:
            if child.returncode is None:
                await self.end(child)
        return Outcome(child.returncode or 0, "\n".join(lines))

    async def _spawn(self, line: str) -> "asyncio.subprocess.Process":
        return await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            PREAMBLE + line,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self._folder,
            env=self._environment,
            start_new_session=True,
        )

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


async def next_line(child: "asyncio.subprocess.Process") -> str:
    """Return the next line a started command prints, "" at its end."""
    assert child.stdout is not None
    return (await child.stdout.readline()).decode(errors="replace")


async def _output(child: "asyncio.subprocess.Process") -> AsyncIterator[str]:
    while line := await next_line(child):
        yield line.rstrip("\n")


def _signal(child: "asyncio.subprocess.Process", number: int) -> None:
    try:
        # The child leads a session of its own: this reaches it and what it started, and nothing else.
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
