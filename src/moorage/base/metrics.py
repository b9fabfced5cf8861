"""Counters, gauges and histograms in Prometheus' text format.

In: `registry.counter(...)` and friends at construction time. Out: `registry.render()`, served at /metrics.
No module-level registry: the assembly makes one and hands it down.
"""

from collections.abc import Mapping
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
DEFAULT_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metric:
    """One named time series family.

    Args:
        name: Prometheus name, with its unit as a suffix.
        help_text: one sentence.
        kind: `counter`, `gauge` or `histogram`.
        buckets: upper bounds, for a histogram only.
    """

    def __init__(self, name: str, help_text: str, kind: Kind, buckets: tuple[float, ...] = DEFAULT_BUCKETS) -> None:
        self.name = name
        self.help_text = help_text
        self.kind = kind
        self._buckets = buckets
        self._values: dict[tuple[tuple[str, str], ...], float] = {}
        self._counts: dict[tuple[tuple[str, str], ...], list[int]] = {}

    def add(self, amount: float = 1.0, **labels: str) -> None:
        """Add `amount` to the series with these labels."""
        key = tuple(sorted(labels.items()))
        self._values[key] = self._values.get(key, 0.0) + amount

    def set(self, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._values[tuple(sorted(labels.items()))] = value

    def observe(self, value: float, **labels: str) -> None:
        """Count `value` into the histogram with these labels."""
        key = tuple(sorted(labels.items()))
        counts = self._counts.setdefault(key, [0] * (len(self._buckets) + 1))
        for index, bound in enumerate(self._buckets):
            if value <= bound:
                counts[index] += 1
        counts[-1] += 1
        self._values[key] = self._values.get(key, 0.0) + value

    def value(self, **labels: str) -> float:
        """Return the sum or value of the series with these labels, 0 where there is none."""
        return self._values.get(tuple(sorted(labels.items())), 0.0)

    def render(self) -> list[str]:
        """Return the lines of this family in the text exposition format."""
        lines = [f"# HELP {self.name} {self.help_text}", f"# TYPE {self.name} {self.kind}"]
        for key, value in sorted(self._values.items()):
            labels = dict(key)
            if self.kind != "histogram":
                lines.append(f"{self.name}{_braces(labels)} {value:g}")
                continue
            bounds = [*(f"{bound:g}" for bound in self._buckets), "+Inf"]
            for bound, count in zip(bounds, self._counts[key], strict=True):
                lines.append(f"{self.name}_bucket{_braces({**labels, 'le': bound})} {count}")
            lines.append(f"{self.name}_sum{_braces(labels)} {value:g}")
            lines.append(f"{self.name}_count{_braces(labels)} {self._counts[key][-1]}")
        return lines


class Registry:
    """The metrics of one process."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}

    def counter(self, name: str, help_text: str) -> Metric:
        """Return the counter `name`, made on first use."""
        return self._metrics.setdefault(name, Metric(name, help_text, "counter"))

    def gauge(self, name: str, help_text: str) -> Metric:
        """Return the gauge `name`, made on first use."""
        return self._metrics.setdefault(name, Metric(name, help_text, "gauge"))

    def histogram(self, name: str, help_text: str) -> Metric:
        """Return the histogram `name`, made on first use."""
        return self._metrics.setdefault(name, Metric(name, help_text, "histogram"))

    def render(self) -> str:
        """Return every metric in the text exposition format."""
        return "\n".join(line for metric in self._metrics.values() for line in metric.render()) + "\n"


def _braces(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{_escape(value)}"' for key, value in labels.items()) + "}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
