"""The sentences Go's JSON decoder says about text that is not JSON.

In: bytes that failed to parse. Out: one line, e.g. `invalid character 'h' looking for beginning of value`.
Clients and tests compare these texts; the reader in `api.decode` asks for one only after its own parser has refused.
"""

import re
from dataclasses import dataclass

from moorage.base.limits import MAX_JSON_DEPTH

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING_RUN = re.compile(rb'[^"\\\x00-\x1f]*')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LITERALS = {b"t": b"true", b"f": b"false", b"n": b"null"}
END = "unexpected end of JSON input"
TOO_DEEP = "exceeded max depth"


class _Broken(Exception):
    """Carries the sentence out of the scanner."""


@dataclass(slots=True)
class _Scanner:
    """Walks the text once and stops at the first byte Go would stop at."""

    text: bytes
    at: int = 0

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def peek(self) -> bytes:
        if self.at >= len(self.text):
            raise _Broken(END)
        return self.text[self.at : self.at + 1]

    def expect(self, allowed: bytes, context: str) -> bytes:
        """Skip space and take one byte out of `allowed`."""
        self.skip_space()
        found = self.peek()
        if found not in (allowed[i : i + 1] for i in range(len(allowed))):
            raise self.broken(context)
        self.at += 1
        return found

    def broken(self, context: str) -> _Broken:
        return _Broken(f"invalid character {_quoted(self.text[self.at])} {context}")

    def literal(self, word: bytes) -> None:
        for expected in word:
            if self.peek()[0] != expected:
                raise self.broken(f"in literal {word.decode()} (expecting {_quoted(expected)})")
            self.at += 1

    def string(self) -> None:
        """Scan the rest of a string, its opening quote taken."""
        while True:
            match = _STRING_RUN.match(self.text, self.at)
            self.at = match.end() if match else self.at
            found = self.peek()
            if found not in (b'"', b"\\"):
                raise self.broken("in string literal")
            self.at += 1
            if found == b'"':
                return
            self.escape()

    def escape(self) -> None:
        if self.peek() not in b'"\\/bfnrtu':
            raise self.broken("in string escape code")
        hexadecimal = self.peek() == b"u"
        self.at += 1
        for _ in range(4 if hexadecimal else 0):
            if self.peek() not in b"0123456789abcdefABCDEF":
                raise self.broken("in \\u hexadecimal character escape")
            self.at += 1

    def number(self) -> None:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            self.at += 1
            self.peek()
            raise self.broken("in numeric literal")
        self.at = match.end()
        rest = self.text[self.at : self.at + 2]
        if rest[:1] == b".":
            self.at += 1
            self.peek()
            raise self.broken("after decimal point in numeric literal")
        if rest[:1] in (b"e", b"E"):
            self.at += 2 if rest[1:] in (b"+", b"-") else 1
            self.peek()
            raise self.broken("in exponent of numeric literal")

    def scalar(self) -> None:
        start = self.peek()
        if start == b'"':
            self.at += 1
            self.string()
        elif start in _LITERALS:
            self.literal(_LITERALS[start])
        elif start in b"-0123456789":
            self.number()
        else:
            raise self.broken("looking for beginning of value")

    def document(self) -> None:
        """Scan one value and what follows it; the stack holds the closing bytes still owed."""
        stack: list[bytes] = []
        self.value(stack)
        while stack:
            self.next_member(stack)
        self.skip_space()
        if self.at < len(self.text):
            raise self.broken("after top-level value")

    def value(self, stack: list[bytes]) -> None:
        """Scan a scalar, or open an object or a list and scan up to its first member."""
        self.skip_space()
        start = self.peek()
        if start not in (b"{", b"["):
            self.scalar()
            return
        self.at += 1
        self.skip_space()
        closing = b"}" if start == b"{" else b"]"
        if self.peek() == closing:
            self.at += 1
            return
        if len(stack) == MAX_JSON_DEPTH:
            raise _Broken(TOO_DEEP)
        stack.append(closing)
        self.member(stack)

    def member(self, stack: list[bytes]) -> None:
        if stack[-1] == b"}":
            self.expect(b'"', "looking for beginning of object key string")
            self.string()
            self.expect(b":", "after object key")
        self.value(stack)

    def next_member(self, stack: list[bytes]) -> None:
        context = "after object key:value pair" if stack[-1] == b"}" else "after array element"
        if self.expect(b"," + stack[-1], context) == b",":
            self.member(stack)
        else:
            stack.pop()


def syntax_error(text: bytes) -> str:
    """Return Go's sentence for the first syntax error of `text`, "" if there is none."""
    try:
        _Scanner(text).document()
    except _Broken as problem:
        return str(problem)
    return ""


def kind_of(value: object) -> str:
    """Return Go's word for the sort of a JSON value: object, array, string, number, bool, null."""
    words = {dict: "object", list: "array", str: "string", bool: "bool", type(None): "null"}
    return words.get(type(value), "number")


def _quoted(byte: int) -> str:
    """Return one byte the way Go quotes a character in its JSON errors."""
    special = {0x27: "'\\''", 0x22: "'\"'", 0x5C: "'\\\\'", 0x0A: "'\\n'", 0x0D: "'\\r'", 0x09: "'\\t'"}
    if byte in special:
        return special[byte]
    if 0x20 <= byte < 0x7F:
        return f"'{chr(byte)}'"
    return f"'\\x{byte:02x}'" if byte < 0x80 else f"'{chr(byte)}'"
