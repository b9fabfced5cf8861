"""Exec sessions against a listener on loopback that speaks SPDY, and the frames themselves."""

import asyncio
import json
import struct
import zlib
from collections.abc import Awaitable, Callable

import pytest

from moorage.base.errors import ApiError, Unavailable
from moorage.client.ports import Request
from moorage.client.transports import channels, spdy
from moorage.client.transports.channels import OUTCOME, STDERR, STDOUT, Channels, Frame, exit_code, open_channels

EXEC = Request(
    "POST",
    "/api/v1/namespaces/d/pods/a/exec",
    (("command", "c"), ("stdin", "true"), ("stdout", "true"), ("stderr", "true")),
)
FAILED = {"status": "Failure", "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def stream_types(frames: list[spdy.Control]) -> dict[str, int]:
    """Return the stream of each channel."""
    inflate, found = zlib.decompressobj(), {}
    for frame in frames:
        block = inflate.decompress(frame.body[10:])
        (length,) = struct.unpack_from("!I", block, 4)
        name, value = block[8 : 8 + length].decode(), block[12 + length :].decode()
        assert name == "streamtype"
        found[value] = frame.stream
    return found


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Agree, ping, send the input back until it ends, then end with status 3."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(
        b"POST /api/v1/namespaces/d/pods/a/exec?command=c&stdin=true&stdout=true&stderr=true HTTP/1.1\r\n"
    )
    assert b"Upgrade: SPDY/3.1" in head
    assert b"Authorization: Bearer secret" in head
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\n\r\n")
    writer.write(spdy.control(spdy.Type.PING, b"\0\0\0\2"))
    decoder, opened, pongs = spdy.Decoder(), [], 0
    while received := await reader.read(7):
        for frame in decoder.feed(received):
            if isinstance(frame, spdy.Control):
                pongs += frame.type == spdy.Type.PING
                opened += [frame] if frame.type == spdy.Type.SYN_STREAM else []
                continue
            streams = stream_types(opened)
            assert frame.stream == streams["stdin"]
            if not frame.last:
                writer.write(spdy.data(streams["stdout"], frame.data))
                continue
            writer.write(spdy.data(streams["stderr"], b"%d answered" % pongs))
            writer.write(spdy.data(streams["error"], json.dumps(FAILED).encode(), last=True))
    writer.close()


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say no as a node's agent does."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\ncontainer not found")
    writer.close()


def session(peer: Peer, story: Callable[[str], Awaitable[None]]) -> None:
    """Run a story against a listener."""

    async def main() -> None:
        server = await asyncio.start_server(peer, "127.0.0.1", 0)
        async with server:
            await story(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    asyncio.run(main())


async def _frames(opened: Channels) -> list[Frame]:
    return [frame async for frame in opened.frames()]


def test_input_output_and_outcome_are_carried() -> None:
    async def story(server: str) -> None:
        opened = await open_channels(server, None, "secret", EXEC)
        await opened.send(b"hello")
        await opened.end_input()
        found = await _frames(opened)
        await opened.close()
        assert found[0] == (STDOUT, b"hello")
        assert found[1].channel == STDERR
        assert found[-1].channel == OUTCOME
        assert exit_code(found[-1].data) == (3, "")

    session(echo, story)


def test_a_refusal_says_why() -> None:
    async def story(server: str) -> None:
        with pytest.raises(ApiError) as refused:
            await open_channels(server, None, "", EXEC)
        assert (refused.value.code, refused.value.message) == (404, "container not found")

    session(refuse, story)


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot reach"):
        asyncio.run(open_channels("http://127.0.0.1:9", None, "", EXEC))


def test_a_connection_that_ends_early_gives_no_outcome() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        writer.write_eof()
        await reader.read()
        writer.close()

    async def story(server: str) -> None:
        opened = await open_channels(server, None, "", EXEC)
        assert await _frames(opened) == []
        await opened.close()

    session(hang_up, story)


def test_a_terminal_has_a_channel_for_its_size_and_no_stderr() -> None:
    tty = Request("POST", "/x", (("stdin", "true"), ("stdout", "true"), ("tty", "true")))
    assert channels.wanted(tty) == ["error", "stdin", "stdout", "resize"]


def test_frames_survive_any_cut() -> None:
    sent = spdy.control(spdy.Type.GOAWAY, b"12345678") + spdy.data(3, b"abc") + spdy.data(5, b"", last=True)
    for size in (1, 2, 9, len(sent)):
        decoder, found = spdy.Decoder(), []
        for at in range(0, len(sent), size):
            found += decoder.feed(sent[at : at + size])
        assert found == [spdy.Control(7, b"12345678"), spdy.Data(3, b"abc", last=False), spdy.Data(5, b"", last=True)]


def test_outcomes_are_read() -> None:
    assert exit_code(b'{"metadata":{},"status":"Success"}') == (0, "")
    assert exit_code(b'{"status":"Failure","message":"no such container"}') == (1, "no such container")
