"""Stand-ins for the images of the manifest, served on loopback while the demo runs.

In: a static busybox of this machine. Out: the registry and its URL; what is missing for that.
"""

from pathlib import Path

from moorage.nodeagent.cri.commands import find
from moorage.nodeagent.cri.registry import Registry
from moorage.nodeagent.cri.standins import demo_images

LACK = "no static busybox for the stand-in images: apt-get install busybox-static (or use --pull)"
# The name of the dynamic loader stands near the start of every program that needs one (ELF, PT_INTERP).
HEAD_BYTES = 4096


def missing() -> list[str]:
    """Return what is missing for the stand-ins, one line each."""
    return [] if _program() else [LACK]


def registry() -> Registry:
    """Return a registry that has the stand-ins and nothing else."""
    return Registry(demo_images(_program()))


def _program() -> bytes:
    path = find("busybox")
    program = Path(path).read_bytes() if path else b""
    return b"" if b"/ld-" in program[:HEAD_BYTES] else program
