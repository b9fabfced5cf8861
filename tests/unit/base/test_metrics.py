"""Metrics render in Prometheus' text format."""

from moorage.base.metrics import Registry


def test_counter_and_gauge() -> None:
    registry = Registry()
    registry.counter("writes_total", "Writes.").add(verb="create")
    registry.counter("writes_total", "Writes.").add(2, verb="create")
    registry.gauge("pods", "Pods.").set(3, node='a"b')
    assert registry.render().splitlines() == [
        "# HELP writes_total Writes.",
        "# TYPE writes_total counter",
        'writes_total{verb="create"} 3',
        "# HELP pods Pods.",
        "# TYPE pods gauge",
        'pods{node="a\\"b"} 3',
    ]


def test_histogram_buckets_are_cumulative() -> None:
    histogram = Registry().histogram("seconds", "Time.")
    for value in (0.002, 0.03, 20.0):
        histogram.observe(value)
    lines = histogram.render()
    assert 'seconds_bucket{le="0.001"} 0' in lines
    assert 'seconds_bucket{le="0.005"} 1' in lines
    assert 'seconds_bucket{le="10"} 2' in lines
    assert 'seconds_bucket{le="+Inf"} 3' in lines
    assert "seconds_count 3" in lines
