"""Show what runs: processes with memory, API address, kubeconfig."""

import argparse
from pathlib import Path

from moorage.assembly import processes, readiness
from moorage.assembly.paths import Paths
from moorage.cli import context
from moorage.cli.output.tables import Columns

PAGE_KIB = 1024


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    parser.add_argument("--data-dir", default="", help="data directory of the cluster")


async def run(args: argparse.Namespace) -> int:
    """Carry out `status`. Exit status 1 where no control plane runs."""
    paths = Paths(context.data_dir(args.data_dir))
    serving = readiness.read(paths.run)
    running = [process for name in processes.recorded(paths.run) if (process := processes.find(paths.run, name))]
    if serving is None or not any(process.name == "control-plane" for process in running):
        print(f"no control plane runs in {paths.root}; start one with: moor up")
        return 1
    rows = [["PROCESS", "PID", "MEMORY"], *([one.name, str(one.pid), memory(one.pid)] for one in running)]
    print("\n".join(Columns().lines(rows)))
    print(f"\nAPI         {serving.server}")
    print(f"runtime     {serving.cluster.runtime}")
    print(f"kubeconfig  {paths.kubeconfig}")
    print(f"data        {paths.root}")
    return 0


def memory(pid: int) -> str:
    """Return the resident memory of a process, e.g. `74 MiB`; `-` where it cannot be read."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return "-"
    kib = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
    return f"{kib // PAGE_KIB} MiB"
