"""How many pod transitions a core simulates in a second, with every checker at work.

In: nothing. Out: the median over some rounds, of a large set's rounds up and down and of small drawn stories.
A transition is one write of a pod: made, bound, running, ready, going, ended, gone. Run: `python -m benchmarks.simulation`.
"""

import statistics
import time

from benchmarks.machine import machine
from moorage.base.log import silence
from moorage.sim.run import Verdict, play_scenario
from moorage.sim.scenario import Scenario, Step, draw
from moorage.sim.shape import Shape

PODS, ROUNDS, SEEDS = 50, 5, 40


def large() -> Verdict:
    """Play a Parallel set that goes up and down."""
    nodes = tuple(f"node-{number}" for number in range(4))
    shape = Shape(nodes, 1, PODS, True, False, 0, 0, 0, False, ("Retain", "Retain"))  # noqa: FBT003
    steps = tuple(Step(20.0 + 40 * turn, "scale", {"replicas": PODS * (turn % 2)}) for turn in range(5))
    return play_scenario(Scenario(1, shape, "benchmark", steps))


def main() -> None:
    """Print the figures."""
    silence()
    print(machine())
    rates = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        verdict = large()
        rates.append(verdict.transitions / (time.process_time() - begun))
        assert not verdict.violations, verdict.violations
    print(f"a set of {PODS} up and down: {statistics.median(rates):.0f} pod transitions a second and core")
    begun = time.process_time()
    verdicts = [play_scenario(draw(seed)) for seed in range(SEEDS)]
    seconds = time.process_time() - begun
    writes, virtual = sum(len(one.changes) for one in verdicts), sum(one.seconds for one in verdicts)
    rate = f"{SEEDS / seconds:.1f} seeds, {writes / seconds:.0f} writes, {virtual / seconds:.0f} virtual seconds"
    print(f"drawn stories: {rate} a second and core")


if __name__ == "__main__":
    main()
