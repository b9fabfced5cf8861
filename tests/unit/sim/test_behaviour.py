"""How made-up containers behave, by annotation and by command."""

from dataclasses import replace

import pytest

from moorage.nodeagent.ports import ContainerConfig
from moorage.sim.behaviour import behaviour, known_end

CONFIG = ContainerConfig("web", 0, "nginx", "web/0.log")
RULES = {"sim.moorage.dev/exit-after": "2", "sim.moorage.dev/exit-code": "7"}


@pytest.mark.parametrize(
    ("command", "end"),
    [
        (["true"], (0.0, 0)),
        (["/bin/false"], (0.0, 1)),
        (["sh", "-c", "exit 3"], (0.0, 3)),
        (["sleep", "1.5"], (1.5, 0)),
        (["sh", "-c", "sleep 5"], (5.0, 0)),
        (["sh", "-c", "sleep 5; serve"], None),
        (["serve", "true"], None),
        ([], None),
    ],
)
def test_few_commands_have_a_known_end(command: list[str], end: tuple[float, int] | None) -> None:
    assert known_end(command) == end


def test_without_rules_a_container_runs_for_ever() -> None:
    found = behaviour(CONFIG, {}, 0.5)
    assert (found.start_seconds, found.run_seconds, found.start_error) == (0.5, None, "")


def test_annotations_set_the_course() -> None:
    found = behaviour(CONFIG, {**RULES, "sim.moorage.dev/exit-reason": "OOMKilled"}, 0.0)
    assert (found.run_seconds, found.exit_code, found.exit_reason) == (2.0, 7, "OOMKilled")


def test_a_rule_for_one_container_wins_and_spares_the_others() -> None:
    rules = {**RULES, "sim.moorage.dev/exit-after.web": "9"}
    assert behaviour(CONFIG, rules, 0.0).run_seconds == 9.0
    assert behaviour(replace(CONFIG, name="other"), rules, 0.0).run_seconds == 2.0


def test_crashes_come_to_an_end() -> None:
    rules = {**RULES, "sim.moorage.dev/crashes": "2"}
    courses = [behaviour(replace(CONFIG, attempt=attempt), rules, 0.0).run_seconds for attempt in range(3)]
    assert courses == [2.0, 2.0, None]
