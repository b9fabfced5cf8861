"""How Go prints a quantity that it has read: a small number with its scale, or a decimal of any size.

In: a quantity in its canonical form. Out: text. Source: apimachinery/pkg/api/resource ParseQuantity.
"""

import re
from typing import Any

_SHAPE = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?(|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DIGITS, _BINARY_DIGITS, _FINEST = 18, 15, 9
"""Digits that surely fit int64, those of a power of two, and decimals at most."""
_WORD = 2**64


def quantity(value: Any) -> str:
    """Return a quantity as the struct it is in Go; what does not parse prints as the zero value."""
    text = "" if value is None else str(value)
    shape = _SHAPE.fullmatch(text)
    if shape is None or not text:
        return _struct(_amount(0, 0), "", "")
    if text == "0":
        return _struct(_amount(0, 0), text, "")
    negative, number, decimals, suffix = shape[1] == "-", shape[2] or "0", shape[3] or "", shape[4]
    sign = -1 if negative else 1
    if suffix in _BINARY:
        exponent = _BINARY[suffix]
        if not decimals and _BINARY_DIGITS - len(number) - int(exponent * 3 / 10) - 1 >= 0:
            return _struct(_amount(sign * int(number) << exponent, 0), text, "BinarySI")
        return _big(sign * int(number + decimals) << exponent, len(decimals), "BinarySI")
    scale, form = _decimal(suffix)
    if len(number) + len(decimals) <= _DIGITS and scale - len(decimals) >= -_FINEST:
        return _struct(_amount(sign * int(number + decimals), scale - len(decimals)), text, form)
    return _big(sign * int(number + decimals), len(decimals) - scale, form)


def _decimal(suffix: str) -> tuple[int, str]:
    """Return (power of ten, Go's name of the format)."""
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], "DecimalSI"
    return int(suffix[1:]), "DecimalExponent"


def _big(unscaled: int, scale: int, form: str) -> str:
    """Return a decimal of any size, rounded up to whole billionths."""
    shift = _FINEST - scale
    size = abs(unscaled) * 10**shift if shift >= 0 else -(-abs(unscaled) // 10**-shift)
    words = []
    while size:
        size, word = divmod(size, _WORD)
        words.append(str(word))
    number = f"{{neg:(bool){'true' if unscaled < 0 else 'false'} abs:(big.nat){'[' + ' '.join(words) + ']'}}}"
    decimal = f"(*inf.Dec){{unscaled:(big.Int){number} scale:(inf.Scale){_FINEST}}}"
    return _struct(_amount(0, 0), "", form, decimal)


def _amount(value: int, scale: int) -> str:
    return f"{{value:(int64){value} scale:(resource.Scale){scale}}}"


def _struct(amount: str, text: str, form: str, decimal: str = "(*inf.Dec)<nil>") -> str:
    big = f"{{Dec:{decimal}}}"
    return f"{{i:(resource.int64Amount){amount} d:(resource.infDecAmount){big} s:(string){text} Format:(resource.Format){form}}}"
