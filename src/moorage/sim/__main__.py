"""`python -m moorage.sim`: plays seeds; of one that breaks a law prints the command that repeats it, shrunk, and its history.

In: arguments (`--help`). Out: text; exit code 0 where every law held, 1 otherwise.
"""

import argparse
import os
import sys
from collections.abc import Iterable

from moorage.base.log import silence
from moorage.base.system import SystemClock
from moorage.sim import history
from moorage.sim.run import Verdict, judge
from moorage.sim.scenario import Scenario, draw
from moorage.sim.shrink import shrink
from moorage.sim.soak import Report, soak

_MOST_EXPLAINED = 3
_EVERY = 500


def main() -> int:
    """Play what the arguments ask for."""
    asked = _arguments()
    silence()
    if asked.replay is not None:
        return _replay(asked.replay, asked.keep)
    return _many(range(asked.first, asked.first + asked.seeds), asked.jobs, asked.until)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m moorage.sim", description="Play seeds and check every law.")
    parser.add_argument("--seeds", type=int, default=200, help="how many (200)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (all cores)")
    parser.add_argument("--until", type=_laws, metavar="LAWS", help="stop at the first that breaks one, e.g. ID1,VO2")
    parser.add_argument("--replay", type=int, metavar="SEED", help="play this one and show its history")
    parser.add_argument("--keep", type=_indexes, metavar="0,3", help="with only these of its steps")
    return parser.parse_args()


def _laws(text: str) -> frozenset[str]:
    return frozenset(text.split(","))


def _indexes(text: str) -> frozenset[int]:
    return frozenset(int(one) for one in text.split(",") if one.isdigit())


def _many(seeds: Iterable[int], jobs: int, until: frozenset[str] | None) -> int:
    clock = SystemClock()
    begun = clock.monotonic()
    played = failed = transitions = 0
    for report in soak(seeds, jobs):
        played += 1
        transitions += report.transitions
        if not report.clean:
            failed += 1
            _explain(report, shrunk=failed <= _MOST_EXPLAINED and until is None)
            if until and until & {one.law for one in report.violations}:
                break
        if played % _EVERY == 0:
            print(f"{played} seeds, {failed} failed", flush=True)
    seconds = clock.monotonic() - begun
    print(f"{played} seeds, {failed} failed, {transitions} pod transitions, {seconds:.0f} s")
    return 1 if failed else 0


def _explain(report: Report, *, shrunk: bool) -> None:
    print(f"seed {report.seed} ({report.workload}) fails; play it again:  make sim SEED={report.seed}")
    if report.crash:
        print(report.crash, flush=True)
        return
    for violation in report.violations:
        print(history.complaint(violation), flush=True)
    if shrunk:
        scenario = draw(report.seed)
        laws = {one.law for one in report.violations}
        kept = shrink(len(scenario.steps), lambda some: _breaks(scenario.only(some), laws))
        print(f"shrunk:  make sim SEED={report.seed} KEEP={','.join(map(str, kept)) or 'none'}")
        _show(scenario.only(frozenset(kept)), judge(scenario.only(frozenset(kept))))


def _breaks(scenario: Scenario, laws: set[str]) -> bool:
    return any(one.law in laws for one in judge(scenario).violations)


def _replay(seed: int, keep: frozenset[int] | None) -> int:
    scenario = draw(seed) if keep is None else draw(seed).only(keep)
    verdict = judge(scenario)
    _show(scenario, verdict)
    return 1 if verdict.violations else 0


def _show(scenario: Scenario, verdict: Verdict) -> None:
    print(f"seed {scenario.seed}, workload {scenario.workload}, {scenario.shape}")
    for step in sorted(scenario.steps, key=lambda one: one.at):
        print(f"{step.at:8.2f}  {step.action} {' '.join(f'{name}={value}' for name, value in step.args.items())}")
    for line in history.lines(verdict.changes, verdict.violations):
        print(line)
    laws = sorted({one.law for one in verdict.violations})
    print(f"broken: {', '.join(laws)}" if laws else "every law held", flush=True)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order within sets of strings must repeat too
        os.execve(
            sys.executable, [sys.executable, "-m", "moorage.sim", *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": "0"}
        )
    sys.exit(main())
