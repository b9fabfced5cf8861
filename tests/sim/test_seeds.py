"""Seeds: whatever is drawn, every law holds; the same seed gives the same history.

In: seeds. Out: no violations.
"""

import pytest

from moorage.sim.run import Verdict, play_scenario
from moorage.sim.scenario import draw


@pytest.mark.parametrize("seed", range(20))
def test_every_law_holds(seed: int) -> None:
    assert play_scenario(draw(seed)).violations == ()


def _history(verdict: Verdict) -> list[tuple[float, str, str, str]]:
    return [(one.instant, one.actor, one.resource, one.name) for one in verdict.changes]


def test_a_seed_repeats_itself() -> None:
    assert _history(play_scenario(draw(17))) == _history(play_scenario(draw(17)))
