"""Every law has a checker, and a row in docs/simulation.md that says what its file says.

In: the checkers. Out: rows.
"""

import asyncio
import importlib
from pathlib import Path
from typing import Any

from moorage.client.ports import Transport
from moorage.sim.checkers.panel import LAWS
from moorage.sim.run import Mutation, play_scenario
from moorage.sim.scenario import draw

PAGE = Path(__file__).parents[2] / "docs" / "simulation.md"
_COUNTS = {"ID": 9, "VO": 8, "OR": 11, "PD": 2, "ND": 2, "LV": 6}


def test_every_law_has_a_checker() -> None:
    wanted = {f"{group}{number}" for group, most in _COUNTS.items() for number in range(1, most + 1)}
    assert wanted <= LAWS.keys()


def test_the_page_says_what_the_files_say() -> None:
    text = PAGE.read_text()
    for law, check in LAWS.items():
        first = (importlib.import_module(check.__module__).__doc__ or "").splitlines()[0]
        assert f"| {law} | {first.partition(': ')[2]} |" in text, law


def _careless(transport: Transport) -> Transport:
    """Leave an exception behind that nobody asks for, where only a search for garbage finds it."""
    lost = asyncio.get_running_loop().create_future()
    lost.set_exception(RuntimeError("lost"))
    ring: list[Any] = [lost]
    ring.append(ring)
    return transport


def test_an_exception_that_nobody_asks_for_breaks_lv5() -> None:
    verdict = play_scenario(draw(1), Mutation(carrier=_careless))
    assert {(one.law, one.text) for one in verdict.violations} == {("LV5", "lost")}
