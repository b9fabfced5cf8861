"""Many seeds over many processes.

In: seeds. Out: `Report`s as they come, one a seed; each process plays one seed at a time.
"""

import gc
import multiprocessing
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from moorage.base.log import silence
from moorage.sim.checkers.base import Violation
from moorage.sim.run import judge
from moorage.sim.scenario import draw


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one seed.

    Args:
        seed: which.
        workload: its name.
        violations: of laws.
        transitions: writes of pods.
        writes: of anything.
        crash: where the simulation itself failed, the traceback.
    """

    seed: int
    workload: str
    violations: tuple[Violation, ...] = ()
    transitions: int = 0
    writes: int = 0
    crash: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing was wrong."""
        return not self.violations and not self.crash


def play_seed(seed: int) -> Report:
    """Play and judge one seed."""
    scenario = draw(seed)
    try:
        verdict = judge(scenario)
    except Exception:  # noqa: BLE001  # a seed that breaks the simulation itself is reported like any other
        return Report(seed, scenario.workload, crash=traceback.format_exc())
    finally:
        gc.collect(1)  # the world that has ended
    return Report(seed, scenario.workload, verdict.violations, verdict.transitions, len(verdict.changes))


def soak(seeds: Iterable[int], jobs: int) -> Iterator[Report]:
    """Yield a report for each seed, in order.

    Args:
        seeds: which.
        jobs: how many processes; 1 plays them in this one.
    """
    if jobs <= 1:
        yield from map(play_seed, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs, silence) as pool:
        yield from pool.imap(play_seed, seeds, chunksize=4)
