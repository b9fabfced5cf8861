"""Tell the story of a stateful application in ten steps: real commands, real output, a check mark only for what was observed."""

import argparse
import contextlib
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from moorage.assembly.paths import Paths
from moorage.base.errors import UsageError, UserError
from moorage.base.system import SystemClock
from moorage.base.tasks import Tasks
from moorage.cli.demo import ending, images, story
from moorage.cli.demo.scene import Options, Scene
from moorage.cli.demo.stage import Stage

if TYPE_CHECKING:
    from moorage.nodeagent.cri.hostrecord import HostRecord

FOLDER = Path(story.__file__).parent
RUNTIMES = ("containerd", "sim")


def define(parser: argparse.ArgumentParser) -> None:
    """Name the flags."""
    parser.add_argument("--pause", action="store_true", help="wait for a key between steps")
    parser.add_argument("--keep", action="store_true", help="leave the cluster running at the end")
    parser.add_argument(
        "--pull", action="store_true", help="use the real images instead of stand-ins (needs a network)"
    )
    parser.add_argument("--runtime", default="containerd", help="containerd (real) or sim (made up)")
    parser.add_argument("--data-dir", default="", help="an empty or new directory; a temporary one unless given")


async def run(args: argparse.Namespace) -> int:
    """Carry out `demo`: 0 where everything it claims was observed, else 1."""
    if args.runtime not in RUNTIMES:
        raise UsageError(f"--runtime must be one of {', '.join(RUNTIMES)}, not {args.runtime!r}")
    # Being told to end is the same as Ctrl-C: the cluster must not outlive its story.
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    lacks = _lacks(args)
    real = args.runtime == "containerd" and not lacks
    _preface(lacks)
    root = _data_dir(args.data_dir)
    options = Options(root, "containerd" if real else "sim", args.pull, args.keep)
    async with contextlib.AsyncExitStack() as stack:
        if real and not args.pull:
            options = await _with_stand_ins(options, stack)
        status = await _perform(options, pause=args.pause)
    if lacks:
        print(f"\nThis was a simulation: no container ran, because {'; '.join(lacks)}.")
    return status


def _lacks(args: argparse.Namespace) -> list[str]:
    if args.runtime != "containerd":
        return []
    from moorage.assembly import containers

    return containers.missing() + ([] if args.pull else images.missing())


def _preface(lacks: list[str]) -> None:
    print("moor demo: a StatefulSet, its names, its data. Every command below is run as shown.")
    if lacks:
        print("\nReal containers cannot run on this machine. Missing:")
        print("\n".join(f"  - {line}" for line in lacks))
        print("The same story is told with --runtime sim: pods are made up, everything else is real.")


def _data_dir(given: str) -> Path:
    """Return a directory that is ours to remove. Raises: UserError where the one given is not empty."""
    if not given:
        return Path(tempfile.mkdtemp(prefix="moorage-demo-"))
    path = Path(given).absolute()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UserError(f"--data-dir {path} is not empty, and the demo removes it at the end; name a new one")
    return path


async def _with_stand_ins(options: Options, stack: contextlib.AsyncExitStack) -> Options:
    registry = images.registry()
    url = await registry.start()
    stack.push_async_callback(registry.close)
    print(f"\nImages: stand-ins for ikubernetes/myapp:v5 and v6 (busybox httpd), from a read-only registry at {url}")
    print("that runs inside this process; nothing is fetched from elsewhere. --pull uses the real images.")
    return Options(options.data_dir, options.runtime, options.pull, options.keep, url)


async def _perform(options: Options, *, pause: bool) -> int:
    clock = SystemClock()
    environment = {
        "MOORAGE_DATA_DIR": str(options.data_dir),
        "KUBECONFIG": str(Paths(options.data_dir).kubeconfig),
    }
    print(f"\n  $ cd {FOLDER}")
    print("\n".join(f"  $ export {name}={value}" for name, value in environment.items()))
    stage = Stage(clock, FOLDER, environment, pause=pause)
    tasks = Tasks("demo", lambda name, error: stage.note(f"{name} ended: {error}"))
    scene = Scene(stage, clock, options, tasks, clock.monotonic())
    record = await ending.before(real=options.real)
    ended = False
    try:
        await story.tell(scene)
        ended = await _close(scene, record)
    finally:
        if not ended:
            # Interrupted: nothing may stay behind that nobody asked for.
            await stage.ask(f"moor down --purge --data-dir {options.data_dir}")
        await _release(scene)
        with contextlib.suppress(OSError):
            # A start that failed early leaves the empty directory that `down` does not know as a cluster's.
            options.data_dir.rmdir()
    return story.summary(scene)


async def _close(scene: Scene, record: "HostRecord | None") -> bool:
    """Tell the last step; return whether it was told."""
    stage, step = scene.stage, story.LAST
    if scene.options.keep:
        stage.say("\nThe cluster stays. Go on with the two exports above, e.g. moor get pods, kubectl get pods;")
        stage.say(f"stop and remove it with: moor down --purge --data-dir {scene.options.data_dir}")
        return True
    await stage.open(step.title, step.why)
    if scene.observing:
        await story.play(scene, step)
    await _release(scene)
    await ending.teardown(scene, record)
    stage.close()
    return True


async def _release(scene: Scene) -> None:
    await scene.tasks.stop()
    while scene.closing:
        await scene.closing.pop()()
