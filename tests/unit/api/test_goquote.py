"""Text quoted as Go quotes it."""

import pytest

from moorage.api.goquote import quote


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain ü", '"plain ü"'),
        ('a"b\\', '"a\\"b\\\\"'),
        ("\a\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'),
        ("\x00\x7f", '"\\x00\\x7f"'),
        ("\u200b\U000e0001", '"\\u200b\\U000e0001"'),
    ],
)
def test_special_characters_are_escaped(text: str, quoted: str) -> None:
    assert quote(text) == quoted
