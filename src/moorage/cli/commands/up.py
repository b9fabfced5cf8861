"""Start a cluster on this machine. Without --detach it runs here until Ctrl-C; pods go on either way until `moor down`."""

import argparse
import os
from pathlib import Path

from moorage.assembly import processes, readiness
from moorage.assembly.paths import Paths
from moorage.assembly.settings import Settings
from moorage.base import log
from moorage.base.errors import UserError
from moorage.base.system import SystemClock
from moorage.cli import context

READY_SECONDS = 60.0
POLL_SECONDS = 0.01
CONTROL_PLANE = "control-plane"


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    parser.add_argument("--detach", action="store_true", help="return once the API answers; the cluster goes on")
    parser.add_argument("--data-dir", default="", help="where everything is kept")
    parser.add_argument("--port", type=int, default=6443, help="of the API on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--runtime", default="containerd", help="containerd (real), sim (made up), none (API alone)")
    parser.add_argument("--nodes", type=int, default=1, help="how many nodes")
    parser.add_argument("--mirror", default="", help="registry URL that answers every image pull")
    parser.add_argument("--pod-cidr", default="10.42.0.0/16", help="network of pods")
    parser.add_argument("--service-cidr", default="10.43.0.0/16", help="network of Services")
    parser.add_argument(
        "--statefulset-rules", default="newest", help="where Kubernetes versions differ: newest, or 1.28"
    )
    parser.add_argument(
        "--strict", action="store_true", help="nothing beyond Kubernetes: obey no moorage.dev annotation"
    )
    parser.add_argument("--verbose", action="store_true", help="log more")


async def run(args: argparse.Namespace) -> int:
    """Carry out `up`."""
    settings = Settings(
        context.data_dir(args.data_dir).absolute(),
        args.port,
        args.runtime,
        args.nodes,
        args.mirror,
        args.pod_cidr,
        args.service_cidr,
        verbose=args.verbose,
        statefulset_rules=args.statefulset_rules,
        strict=args.strict,
    )
    paths = Paths(settings.data_dir)
    other = processes.find(paths.run, CONTROL_PLANE)
    if other is not None and other.pid != os.getpid():
        raise UserError(f"a control plane already runs in {paths.root} (pid {other.pid}); stop it with: moor down")
    _check_runtime(settings)
    paths.make()
    return await (_detached(settings, paths) if args.detach else _here(settings, paths))


def _check_runtime(settings: Settings) -> None:
    if settings.runtime == "containerd":
        from moorage.assembly import containers

        lacks = containers.missing()
        if lacks:
            raise UserError(f"cannot run real containers: {'; '.join(lacks)} (or use --runtime sim)")


async def _here(settings: Settings, paths: Paths) -> int:
    from moorage.sim.cluster import serve

    log.configure(verbose=settings.verbose)
    me = processes.Process(CONTROL_PLANE, os.getpid(), processes.start_time(os.getpid()))
    processes.remember(paths.run, me)
    try:
        await serve(settings, lambda serving: print(_hello(serving, paths), flush=True))
    finally:
        # Another one may have taken the place meanwhile: its record stays.
        if processes.find(paths.run, CONTROL_PLANE) == me:
            processes.forget(paths.run, CONTROL_PLANE)
    return 0


async def _detached(settings: Settings, paths: Paths) -> int:
    """Start the same command in the background and wait until its API answers."""
    clock = SystemClock()
    readiness.withdraw(paths.run)
    log_file = paths.logs / f"{CONTROL_PLANE}.log"
    start = log_file.stat().st_size if log_file.exists() else 0
    child = processes.start(paths.run, CONTROL_PLANE, processes.command("up", *_words(settings)), log_file)
    deadline = clock.monotonic() + READY_SECONDS
    while (serving := readiness.read(paths.run)) is None:
        if not processes.alive(child):
            raise UserError(_last_words(log_file, start))
        if clock.monotonic() > deadline:
            raise UserError(f"the API does not answer after {READY_SECONDS:.0f} s; see {log_file}")
        await clock.sleep(POLL_SECONDS)
    print(_hello(serving, paths))
    return 0


def _words(settings: Settings) -> list[str]:
    words = ["--data-dir", str(settings.data_dir), "--port", str(settings.port), "--runtime", settings.runtime]
    words += ["--nodes", str(settings.nodes), "--pod-cidr", settings.pod_cidr, "--service-cidr", settings.service_cidr]
    words += ["--statefulset-rules", settings.statefulset_rules]
    words += ["--mirror", settings.mirror] if settings.mirror else []
    words += ["--strict"] if settings.strict else []
    return words + (["--verbose"] if settings.verbose else [])


def _last_words(log_file: Path, start: int) -> str:
    """Return why the background process ended: the last line of an error it wrote."""
    lines = log_file.read_bytes()[start:].decode(errors="replace").splitlines()
    said = [line.partition(": ")[2] for line in lines if line.startswith(("error: ", "Error from server"))]
    return said[-1] if said else f"the control plane ended at once; see {log_file}"


def _hello(serving: readiness.Serving, paths: Paths) -> str:
    return (
        f"API ready in {serving.seconds:.2f} s at {serving.server}\n"
        f"export KUBECONFIG={paths.kubeconfig}\n"
        "stop it with: moor down"
    )
