"""Short hashes as Kubernetes puts them into names and labels: 32 bits, their decimal digits spelt without vowels.

In: bytes. Out: text such as `5869d7778c`. Source: Go's hash/fnv, k8s.io/apimachinery/pkg/util/rand SafeEncodeString.
"""

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_DIGITS = {digit: _ALPHABET[ord(digit) % len(_ALPHABET)] for digit in "0123456789"}
_OFFSET, _PRIME, _UINT32 = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def fnv1(data: bytes) -> str:
    """Return the FNV-1 hash of `data`, spelt: what names of ControllerRevisions end with."""
    value = _OFFSET
    for byte in data:
        value = (value * _PRIME & _UINT32) ^ byte
    return _spelt(value)


def fnv1a(data: bytes) -> str:
    """Return the FNV-1a hash of `data`, spelt: what names of a Deployment's replica sets end with."""
    value = _OFFSET
    for byte in data:
        value = (value ^ byte) * _PRIME & _UINT32
    return _spelt(value)


def _spelt(value: int) -> str:
    return "".join(_DIGITS[digit] for digit in str(value))
