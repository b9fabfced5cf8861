"""What every step of the story works with: the stage, the eyes on the cluster, and what was chosen.

In: options of `moor demo`. Out: `Scene`, and the few observations several steps share.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from moorage.api.refs import Document
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.cli.demo import evidence
from moorage.cli.demo.stage import Outcome, Stage
from moorage.cli.demo.watcher import Watcher

READY_SECONDS = 90.0
"""How long the pods of one step may take."""
SOON_SECONDS = 10.0
"""How long anything takes at most that needs no container."""
HTTP_SECONDS = 5.0
AGAIN_SECONDS = 0.1
SILENCE = "(no answer"
"""How the body of a page begins that nobody sent."""
PAGE_FOLDER = "/usr/share/nginx/html"


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose.

    Args:
        data_dir: of the cluster.
        runtime: `containerd` or `sim`.
        pull: whether the real images are used.
        keep: whether the cluster stays at the end.
        mirror: URL of the stand-ins' registry, "" for none.
    """

    data_dir: Path
    runtime: str
    pull: bool = False
    keep: bool = False
    mirror: str = ""

    @property
    def real(self) -> bool:
        """Whether there are real containers to look into."""
        return self.runtime == "containerd"


@dataclass(slots=True)
class Eyes:
    """One watcher a kind."""

    pods: Watcher
    claims: Watcher
    volumes: Watcher
    slices: Watcher
    events: Watcher
    nodes: Watcher

    def all(self) -> tuple[Watcher, ...]:
        """Every watcher."""
        return (self.pods, self.claims, self.volumes, self.slices, self.events, self.nodes)


@dataclass(slots=True)
class Scene:
    """The story's world.

    Args:
        stage: where it is told.
        clock: for deadlines.
        options: what the user chose.
        tasks: what runs in the background.
        began: when the demo started, monotonic seconds.
        closing: what is to be released at the end.
    """

    stage: Stage
    clock: Clock
    options: Options
    tasks: Tasks
    began: float
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _eyes: Eyes | None = None

    @property
    def eyes(self) -> Eyes:
        """The watchers. Raises: RuntimeError before the cluster runs."""
        if self._eyes is None:
            raise RuntimeError("the cluster does not run, so nothing can be observed")
        return self._eyes

    @property
    def observing(self) -> bool:
        """Whether the cluster runs and is watched."""
        return self._eyes is not None

    def look(self, eyes: Eyes) -> None:
        """Begin to observe."""
        self._eyes = eyes
        for watcher in eyes.all():
            self.tasks.start("watch", watcher.run())

    def pod(self, name: str) -> Document:
        """Return a pod as it is now, {"metadata": {}} where there is none."""
        return self.eyes.pods.objects.get(name, {"metadata": {}})

    def uid(self, name: str) -> str:
        """Return a pod's uid, "" for none."""
        return str(self.pod(name)["metadata"].get("uid", ""))

    def address(self, name: str) -> str:
        """Return a pod's IP, "" for none."""
        return evidence.address(self.pod(name))

    async def until_ready(self, names: Sequence[str], seconds: float = READY_SECONDS) -> bool:
        """Wait until exactly these pods exist and all are Ready."""

        def there() -> bool:
            pods = self.eyes.pods.objects
            return set(pods) == set(names) and all(evidence.ready(pods[name]) for name in names)

        return await self.eyes.pods.until(there, seconds)

    def states(self) -> str:
        """Return in words what the pods are now."""
        pods = self.eyes.pods.objects
        words = [f"{name} {'Ready' if evidence.ready(pods[name]) else _phase(pods[name])}" for name in sorted(pods)]
        return ", ".join(words) or "no pods"

    async def page(self, name: str, path: str = "index.html") -> str:
        """Fetch a page from the pod's own IP, from this machine; show the request and the answer.

        A pod without a readiness probe is Ready as soon as it runs, a moment before its server listens.
        """
        self.stage.say(f"  > GET http://{self.address(name)}/{path}")
        deadline = self.clock.monotonic() + SOON_SECONDS
        while (answer := await fetch(self.address(name), path)).startswith(
            SILENCE
        ) and self.clock.monotonic() < deadline:
            await self.clock.sleep(AGAIN_SECONDS)
        self.stage.show(answer)
        return answer

    async def until_dig(self, words: str, fits: Callable[[Outcome], bool]) -> Outcome:
        """Ask DNS until the answer fits, then show the command and its answer once more."""
        deadline = self.clock.monotonic() + SOON_SECONDS
        while not fits(await self.stage.ask(f"moor dig {words}")) and self.clock.monotonic() < deadline:
            await self.clock.sleep(AGAIN_SECONDS)
        return await self.stage.run(f"moor dig {words}")


async def fetch(host: str, path: str) -> str:
    """Return the body of a page on port 80, or why there is none."""
    if not host:
        return "(the pod has no address)"
    try:
        async with asyncio.timeout(HTTP_SECONDS):
            reader, writer = await asyncio.open_connection(host, 80)
            writer.write(f"GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            answer = (await reader.read()).decode(errors="replace")
            writer.close()
    except OSError as problem:
        return f"{SILENCE}: {problem or type(problem).__name__})"
    head, _, body = answer.partition("\r\n\r\n")
    return body.strip() if " 200 " in head.split("\r\n")[0] else head.split("\r\n")[0]


def names(count: int) -> list[str]:
    """Return the names of the first pods of the set."""
    return [f"myapp-{index}" for index in range(count)]


def _phase(pod: Document) -> str:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    waiting = [str(one["state"]["waiting"].get("reason", "")) for one in statuses if "waiting" in one.get("state", {})]
    return (waiting or [str(pod.get("status", {}).get("phase", "unknown"))])[0]
