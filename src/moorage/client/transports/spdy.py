"""SPDY/3.1 as far as exec needs it: frames become bytes and bytes frames.

In: streams to open, data. Out: bytes for the wire; `Data` and `Control` frames of the other side. Nothing here knows sockets.
Source: SPDY Protocol, Draft 3.1, section 2. There is no flow control: neither Kubernetes' servers nor its clients use it.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final, NamedTuple

_HEAD: Final = struct.Struct("!II")
_SYN_STREAM: Final = struct.Struct("!IIH")
_NUMBER: Final = struct.Struct("!I")
_CONTROL: Final = 0x8000_0000 | 3 << 16
_FIN: Final = 0x01
_LENGTH: Final = 0xFF_FFFF


class Type(IntEnum):
    """Control frames."""

    SYN_STREAM = 1
    SYN_REPLY = 2
    RST_STREAM = 3
    PING = 6
    GOAWAY = 7


class Data(NamedTuple):
    """Bytes of a stream; `last` where its sender will send no more."""

    stream: int
    data: bytes
    last: bool


class Control(NamedTuple):
    """Any other frame."""

    type: int
    body: bytes

    @property
    def stream(self) -> int:
        """The stream it is about: the first number of SYN_STREAM, SYN_REPLY and RST_STREAM."""
        return int(_NUMBER.unpack_from(self.body)[0]) & ~0x8000_0000


class Encoder:
    """Makes the frames of one connection: headers share one compression, in order."""

    def __init__(self) -> None:
        # The draft's dictionary is left out: zlib says in its own head whether one is used (RFC 1950), and Go's reader,
        # which every Kubernetes server has, heeds that.
        self._zlib = zlib.compressobj()

    def syn_stream(self, stream: int, headers: Mapping[str, str]) -> bytes:
        """Open a stream. Its number is odd on the side of the client and grows."""
        block = _NUMBER.pack(len(headers))
        for text in (part for pair in headers.items() for part in pair):
            block += _NUMBER.pack(len(text)) + text.encode()
        packed = self._zlib.compress(block) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
        return control(Type.SYN_STREAM, _SYN_STREAM.pack(stream, 0, 0) + packed)


def control(kind: Type, body: bytes) -> bytes:
    """Return a control frame."""
    return _HEAD.pack(_CONTROL | kind, len(body)) + body


def data(stream: int, payload: bytes, *, last: bool = False) -> bytes:
    """Return a data frame; shorter than 16 MiB."""
    return _HEAD.pack(stream, (_FIN << 24 if last else 0) | len(payload)) + payload


class Decoder:
    """Takes bytes as they come and yields whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[Data | Control]:
        """Yield the frames that became complete."""
        self._buffer += received
        while len(self._buffer) >= _HEAD.size:
            first, second = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + (second & _LENGTH)
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]
            if first & 0x8000_0000:
                yield Control(first & 0xFFFF, body)
            else:
                yield Data(first, body, bool(second >> 24 & _FIN))
