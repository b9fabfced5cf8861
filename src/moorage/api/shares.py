"""IntOrString: a whole number, or a percentage of some total (`maxUnavailable`, `minAvailable`, `maxSurge`).

In: the field's value and the total. Out: a whole number. Rules: k8s.io/apimachinery/pkg/util/intstr.
"""


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """Return a number, or a percentage of `total`, rounded up or down; text that is no percentage counts as 0."""
    if isinstance(value, int):
        return value
    digits = value.removesuffix("%")
    if not digits.isdecimal():
        return 0
    return (int(digits) * total + (99 if up else 0)) // 100
