"""Runs the few system programs this room needs (`ip`, `nft`, `iptables`, `ctr`), without blocking the loop.

In: a command line. Out: its standard output, or `RuntimeFailure` with what it said.
"""

import asyncio
import os
import shutil

from moorage.base.errors import RuntimeFailure

# Debian keeps system programs in sbin, which a plain user's or a service's PATH may lack.
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def search_path() -> str:
    """Return the PATH under which programs are looked for and run."""
    return f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"


def find(program: str) -> str:
    """Return the full path of a program, "" where it is not installed."""
    return shutil.which(program, path=search_path()) or ""


async def run(*command: str, text: str = "") -> str:
    """Run a program to its end.

    Args:
        command: program and arguments.
        text: its standard input.

    Returns:
        Its standard output.

    Raises:
        RuntimeFailure: it is not installed or ended with another code than 0.
    """
    program = find(command[0])
    if not program:
        raise RuntimeFailure("CommandMissing", f"{command[0]} is not installed")
    process = await asyncio.create_subprocess_exec(
        program,
        *command[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PATH": search_path(), "LC_ALL": "C"},
    )
    output, errors = await process.communicate(text.encode())
    if process.returncode != 0:
        said = " ".join(errors.decode(errors="replace").split())
        raise RuntimeFailure("CommandFailed", f"{' '.join(command)}: {said or f'exit code {process.returncode}'}")
    return output.decode(errors="replace")
