"""Quantities, times and names by example."""

import datetime

import pytest

from moorage.api import names, quantity, times


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("1024Mi", "1Gi"), ("0.5", "500m"), ("1000m", "1"), ("1000", "1k"), ("1500", "1500"), ("1.5Gi", "1536Mi"),
        ("0", "0"), ("0Gi", "0"), ("1e3", "1e3"), ("5e2", "500"), ("1E", "1E"), ("1E2", "100"), ("100Ki", "100Ki"),
        ("0.1n", "1n"), ("-1.5", "-1500m"), ("+3", "3"), (".5", "500m"), ("2.", "2"), ("1023", "1023"), ("512", "512"),
        ("0.5Ki", "512"), ("1.1Ki", "1126400m"), ("9999999999999Gi", "9223372036854775807"), ("1000k", "1M"), ("010", "10"),
    ],
)  # fmt: skip
def test_quantities_are_stored_canonically(given: str, stored: str) -> None:
    assert quantity.canonical(given) == stored


@pytest.mark.parametrize("text", ["", "x", "1x", "1 Gi", "Gi", "1.2.3", "--1", "1e", "٣", "."])
def test_other_text_is_no_quantity(text: str) -> None:
    with pytest.raises(quantity.BadQuantity, match="quantities must match"):
        quantity.canonical(text)


def test_quantities_calculate_exactly() -> None:
    half, gib = quantity.parse("500m"), quantity.parse("1Gi")
    assert str(half + half) == "1"
    assert (half * 3).value == 2
    assert (half * 3).milli == 1500
    assert quantity.parse("1Gi") == quantity.parse("1024Mi")
    assert gib > quantity.parse("1G")
    assert str(gib - quantity.parse("512Mi")) == "512Mi"
    assert quantity.total([]) == quantity.Quantity(0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("yesterday", 'cannot parse "yesterday" as "2006"'),
        ("", 'cannot parse "" as "2006"'),
        ("2026-11-22", 'cannot parse "" as "T"'),
        ("2026-11-22T18:55:43", 'cannot parse "" as "Z07:00"'),
        ("2026-13-22T18:55:43Z", "month out of range"),
        ("2026-02-30T18:55:43Z", "day out of range"),
        ("2026-11-22T18:55:43Zx", 'extra text: "x"'),
    ],
)
def test_bad_times_get_the_sentence_of_go(text: str, sentence: str) -> None:
    with pytest.raises(times.BadTime) as caught:
        times.normal_time(text)
    assert str(caught.value).startswith(f'parsing time "{text}"')
    assert str(caught.value).endswith(sentence)


def test_times_are_written_in_utc() -> None:
    assert times.normal_time("2026-11-22T18:55:43+00:00") == "2026-11-22T18:55:43Z"
    assert times.normal_micro_time("2026-11-22T18:55:43-01:00") == "2026-11-22T19:55:43.000000Z"
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.UTC)
    assert times.format_micro_time(moment) == "2026-01-02T03:04:05.000678Z"
    assert times.parse_time(times.format_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (names.dns_label, "web-0", "Web"),
        (names.dns_subdomain, "a.b-c", "a..b"),
        (names.dns_1035_label, "db", "0db"),
        (names.qualified_name, "example.com/a_B.c", "a/b/c"),
        (names.qualified_name, "x", "/x"),
        (names.qualified_name, "x", "x/"),
        (names.label_value, "", "-x"),
        (names.config_key, "a.b_c-D", "a b"),
        (names.config_key, "..a"[1:], ".."),
        (names.env_name, "A.b-C_1", "1A"),
        (names.port_name, "http-2", "h--p"),
        (names.c_identifier, "_x", "x-y"),
        (names.ip_address, "::1", "1.2.3"),
        (names.percent, "50%", "50"),
        (names.dns_label, "a" * 63, "a" * 64),
    ],
)
def test_names(check: object, good: str, bad: str) -> None:
    assert callable(check)
    assert check(good) == []
    assert check(bad) != []


def test_ports_are_sixteen_bits() -> None:
    assert names.port_number(65535) == []
    assert names.port_number(0) == ["must be between 1 and 65535, inclusive"]
