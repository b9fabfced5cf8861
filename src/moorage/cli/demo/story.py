"""The ten steps in order, told to the end whatever happens, and the summary.

In: `Scene`. Out: exit status: 0 where every claim was observed, else 1.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from moorage.base.errors import MoorageError
from moorage.cli.demo import beginning, changes, identity
from moorage.cli.demo.scene import Scene


class Step(NamedTuple):
    """One step: its name, what it shows in one line, and what it does."""

    title: str
    why: str
    act: Callable[[Scene], Awaitable[None]]


STEPS = (
    Step("Start", "One command brings up an API server, its controllers and a node on this machine.", beginning.start),
    Step(
        "Apply the manifest",
        "The set names Service myapp-svc, but the manifest brings demo-svc: Kubernetes is silent, moorage says so.",
        beginning.apply,
    ),
    Step("Pods appear in order", "A stateful set makes a pod only when the one before it is Ready.", beginning.order),
    Step(
        "Labels and revision", "The same table as kubectl's, the same revision hash as Kubernetes'.", beginning.labels
    ),
    Step("Identity", "Each pod has a name and a volume that belong to its ordinal.", identity.identity),
    Step("DNS", "The Service the set names is created now; its records appear without a pod restart.", identity.dns),
    Step(
        "A pod is deleted", "Its successor has the same name, DNS name and data, whatever its IP.", identity.replacement
    ),
    Step("Scale 2 → 4 → 2 → 4", "Up in order, down in reverse; claims stay, so data comes back.", changes.scaling),
    Step("Rolling update and rollback", "Highest ordinal first, each Ready before the next.", changes.update),
)
LAST = Step("Delete and tear down", "Pods end gracefully, claims go when told to, nothing is left.", changes.removal)


async def tell(scene: Scene) -> None:
    """Tell all steps but the last."""
    for step in STEPS:
        await scene.stage.open(step.title, step.why)
        await play(scene, step)
        scene.stage.close()
        if len(scene.stage.chapters) == 1 and scene.stage.failures:
            return


async def play(scene: Scene, step: Step) -> None:
    """Do what a step does; an error is a failed claim, and the story goes on."""
    try:
        await step.act(scene)
    except (MoorageError, OSError, KeyError, ValueError, RuntimeError) as problem:
        scene.stage.claim(
            "this step can be carried out", observed=False, instead=f"{type(problem).__name__}: {problem}"
        )


def summary(scene: Scene) -> int:
    """Print times and claims; return the exit status."""
    stage = scene.stage
    stage.say("\nSummary")
    for number, chapter in enumerate(stage.chapters, 1):
        mark = "✗" if chapter.failed else "✓"
        stage.say(f"  {mark} {number:>2}. {chapter.title:<30} {chapter.seconds:7.2f} s")
    total = scene.clock.monotonic() - scene.began
    stage.say(f"        {'in all':<30} {total:7.2f} s")
    stage.say(f"\n{stage.seen} claims observed, {len(stage.failures)} not.")
    for failure in stage.failures:
        stage.say(f"  ✗ {failure}")
    return 1 if stage.failures else 0
