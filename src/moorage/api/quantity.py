"""Quantities: `500m`, `1Gi`, `2e3` as exact numbers, and the one spelling Kubernetes stores for each.

In: text of documents. Out: `Quantity` values (exact, ordered, with arithmetic) and canonical text.
Rules: k8s.io/apimachinery/pkg/api/resource (suffix families, no finer than nano, rounding up away from zero).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import total_ordering
from typing import Literal

Form = Literal["BinarySI", "DecimalSI", "DecimalExponent"]

_SYNTAX = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?[0-9]+))?", re.ASCII)
_CANONICAL = re.compile(r"0|[1-9][0-9]{0,2}(?:Ki|Mi|Gi|Ti|[mkMGTP])?", re.ASCII)
BAD_SYNTAX = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
"""Upstream's text for a quantity that does not parse."""

_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_NAMES = {power: name for name, power in _DECIMAL.items()}
_NANO = 10**9
_MAX_INT64 = 2**63 - 1
_MAX_EXPONENT = 400
"""Larger decimal exponents than any value that fits are not worked out."""


class BadQuantity(ValueError):
    """The text is no quantity; the message is upstream's."""


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """An exact amount with the suffix family it was written in.

    Args:
        nanos: the amount in units of 10^-9: finer is rounded up when parsed.
        form: family of the text: binary suffixes, decimal suffixes or exponents.
    """

    nanos: int
    form: Form = "DecimalSI"

    @property
    def value(self) -> int:
        """Return the amount rounded up to a whole number, as upstream's `Value()`."""
        return -(-self.nanos // _NANO)

    @property
    def milli(self) -> int:
        """Return the amount in thousandths, rounded up, as upstream's `MilliValue()`."""
        return -(-self.nanos // 10**6)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.nanos == other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __lt__(self, other: "Quantity") -> bool:
        return self.nanos < other.nanos

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.nanos + other.nanos, self.form if self.nanos else other.form)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.nanos - other.nanos, self.form if self.nanos else other.form)

    def __mul__(self, count: int) -> "Quantity":
        return Quantity(self.nanos * count, self.form)

    def __neg__(self) -> "Quantity":
        return Quantity(-self.nanos, self.form)

    def __str__(self) -> str:
        """Return the canonical text: no fraction, the largest suffix that needs none."""
        form = self.form
        if form == "BinarySI":
            # Upstream writes binary amounts that are small or no whole number in decimal.
            if -1024 * _NANO < self.nanos < 1024 * _NANO or self.nanos % _NANO:
                form = "DecimalSI"
            else:
                return _binary_text(self.nanos // _NANO)
        return _decimal_text(self.nanos, exponent=form == "DecimalExponent")


def parse(text: str) -> Quantity:
    """Return the quantity of a text such as `1.5Gi`, `100m`, `1e3`.

    Raises:
        BadQuantity: with upstream's text.
    """
    match = _SYNTAX.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise BadQuantity(BAD_SYNTAX)
    sign, whole, part, binary, decimal, exponent = match.groups()
    digits = int((whole or "") + (part or "") or "0")
    power = -len(part or "")
    form: Form = "DecimalSI"
    scale = 1
    if binary:
        form, scale = "BinarySI", 1 << _BINARY[binary]
    elif exponent is not None:
        form, power = "DecimalExponent", power + _bounded(exponent)
    else:
        power += _DECIMAL[decimal or ""]
    nanos = _scaled(digits * scale, power + 9)
    return Quantity(_capped(-nanos if sign == "-" else nanos), form)


def canonical(text: str) -> str:
    """Return the text Kubernetes stores for a quantity: `1024Mi` → `1Gi`, `0.5` → `500m`. Raises `BadQuantity`."""
    if _CANONICAL.fullmatch(text):
        return text
    return str(parse(text))


def total(amounts: "list[Quantity]") -> Quantity:
    """Return the sum; zero for none."""
    whole = Quantity(0)
    for amount in amounts:
        whole = whole + amount
    return whole


def as_fraction(amount: Quantity) -> Fraction:
    """Return the exact amount."""
    return Fraction(amount.nanos, _NANO)


def _bounded(exponent: str) -> int:
    return max(-_MAX_EXPONENT, min(_MAX_EXPONENT, int(exponent[:8])))


def _scaled(digits: int, power: int) -> int:
    """Return digits × 10^power, rounded up."""
    if power >= 0:
        return digits * int(10**power)
    return -(-digits // int(10**-power))


def _capped(nanos: int) -> int:
    """Return the amount kept within ±(2^63-1), upstream's largest."""
    bound = _MAX_INT64 * _NANO
    return max(-bound, min(bound, nanos))


def _binary_text(whole: int) -> str:
    suffix = ""
    for name in _BINARY:
        if whole % 1024:
            break
        whole //= 1024
        suffix = name
    return f"{whole}{suffix}"


def _decimal_text(nanos: int, *, exponent: bool) -> str:
    if nanos == 0:
        return "0"
    power = -9
    while nanos % 1000 == 0 and power < 18:
        nanos //= 1000
        power += 3
    if exponent:
        return f"{nanos}e{power}" if power else str(nanos)
    return f"{nanos}{_DECIMAL_NAMES[power]}"
