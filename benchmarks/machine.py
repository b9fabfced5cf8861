"""What a figure was measured on.

In: this machine. Out: one line to print above the figures.
"""

import os
import platform
from pathlib import Path


def machine() -> str:
    """Return processors, architecture, load and Python version: other work on the machine makes every figure larger."""
    return (
        f"machine: {os.cpu_count()} CPUs ({_model()}), load {os.getloadavg()[0]:.1f}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()
