"""How a made-up container behaves: read from annotations and from the few commands whose end is known. Pure.

In: a container's config and the annotations of its pod. Out: `Behaviour`.

Annotations, on the pod, all under `sim.moorage.dev/`; `NAME.CONTAINER` holds for one container and wins over `NAME`:

| name | meaning |
|---|---|
| start-seconds | how long starting takes |
| start-error | starting fails with this text |
| exit-after | seconds it runs; without it a container runs for ever, unless its command is known to end |
| exit-code | with which code it ends; 1 unless given |
| exit-reason | e.g. `OOMKilled`; else Completed or Error by the code |
| crashes | only so many attempts end by themselves, those after run for ever |
| stop-seconds | how long it takes to end after the stop signal |
| programs | names, separated by commas, that `exec` finds and that succeed silently |
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moorage.nodeagent.ports import ContainerConfig

PREFIX = "sim.moorage.dev/"
KILLED = 137
"""Exit code of SIGKILL: 128 + 9."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One container's course. Times in seconds; `run_seconds` None is for ever."""

    start_seconds: float
    start_error: str
    run_seconds: float | None
    exit_code: int
    exit_reason: str
    stop_seconds: float
    programs: frozenset[str]


def behaviour(config: ContainerConfig, annotations: Mapping[str, str], start_seconds: float) -> Behaviour:
    """Return how a container behaves.

    Args:
        config: of the container; its own annotations count too.
        annotations: of its sandbox.
        start_seconds: of a start without a rule.
    """
    rules = _Rules(config.name, {**annotations, **config.annotations})
    run_seconds, code = _course(rules, config)
    return Behaviour(
        start_seconds=rules.number("start-seconds", start_seconds),
        start_error=rules.text("start-error"),
        run_seconds=run_seconds,
        exit_code=code,
        exit_reason=rules.text("exit-reason") or reason(code),
        stop_seconds=rules.number("stop-seconds", 0.0),
        programs=frozenset(name.strip() for name in rules.text("programs").split(",") if name.strip()),
    )


def reason(code: int) -> str:
    """Return the reason containerd gives for an exit code."""
    return "Error" if code else "Completed"


def known_end(command: Sequence[str]) -> tuple[float, int] | None:
    """Return seconds and exit code of a command whose end is known, None for one that may run for ever."""
    words = list(command)
    if len(words) == 3 and words[0].rpartition("/")[2] in ("sh", "bash") and words[1] == "-c":
        words = _words(words[2])
    if not words:
        return None
    match [words[0].rpartition("/")[2], *words[1:]]:
        case ["true" | ":"] | ["echo", *_]:
            return 0.0, 0
        case ["false"]:
            return 0.0, 1
        case ["exit", code] if code.isdigit():
            return 0.0, int(code)
        case ["sleep", seconds] if seconds.replace(".", "", 1).isdigit():
            return float(seconds), 0
    return None


class _Rules:
    def __init__(self, container: str, annotations: Mapping[str, str]) -> None:
        self._container = container
        self._annotations = annotations

    def text(self, name: str) -> str:
        general = self._annotations.get(PREFIX + name, "")
        return self._annotations.get(f"{PREFIX}{name}.{self._container}", general)

    def number(self, name: str, default: float) -> float:
        try:
            return float(self.text(name))
        except ValueError:
            return default


def _course(rules: _Rules, config: ContainerConfig) -> tuple[float | None, int]:
    if config.attempt >= rules.number("crashes", float("inf")):
        return None, 0
    if rules.text("exit-after"):
        return rules.number("exit-after", 0.0), int(rules.number("exit-code", 1))
    return known_end((*config.command, *config.args)) or (None, 0)


def _words(script: str) -> list[str]:
    # Anything but one plain command may run for ever.
    if any(sign in script for sign in ";&|\n$`<>("):
        return []
    try:
        return shlex.split(script)
    except ValueError:
        return []
