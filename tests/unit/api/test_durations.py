"""Durations of annotations."""

import pytest

from moorage.api.durations import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("", None), ("0s", None), ("soon", None), ("5", None)]
)
def test_seconds_of(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds
