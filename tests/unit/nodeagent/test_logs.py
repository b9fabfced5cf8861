"""Log files as clients see them."""

import asyncio
import datetime
from pathlib import Path

import pytest

from moorage.nodeagent import access, logs
from moorage.nodeagent.logs import LogOptions
from tests.fakes.clock import START, ManualClock, settle

LINES = (
    b"2026-01-01T00:00:01.5Z stdout F one\n"
    b"2026-01-01T00:00:02.000000001Z stdout P tw\n"
    b"2026-01-01T00:00:02.1Z stdout F o\n"
    b"2026-01-01T00:00:03Z stderr F \n"
)


def log_file(tmp_path: Path, content: bytes = LINES) -> Path:
    path = tmp_path / "0.log"
    path.write_bytes(content)
    return path


def shown(path: Path, options: LogOptions) -> bytes:
    async def whole() -> bytes:
        return b"".join([block async for block in logs.read(path, options, ManualClock(), lambda: False)])

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (LogOptions(), b"one\ntwo\n\n"),
        (LogOptions(tail=2), b"two\n\n"),
        (LogOptions(tail=0), b""),
        (LogOptions(tail=99), b"one\ntwo\n\n"),
        (LogOptions(limit_bytes=5), b"one\nt"),
        (LogOptions(since=START + datetime.timedelta(seconds=3)), b"\n"),
        (LogOptions(tail=2, timestamps=True), b"2026-01-01T00:00:02.000000001Z two\n2026-01-01T00:00:03Z \n"),
    ],
)
def test_options(tmp_path: Path, options: LogOptions, text: bytes) -> None:
    assert shown(log_file(tmp_path), options) == text


def test_a_link_in_place_of_a_log_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    (tmp_path / "0.log").symlink_to(secret)
    with pytest.raises(OSError, match="symbolic links"):
        shown(tmp_path / "0.log", LogOptions())


def test_tail_reads_long_files_from_their_end(tmp_path: Path) -> None:
    many = b"".join(b"2026-01-01T00:00:01Z stdout F line %d\n" % number for number in range(20_000))
    assert shown(log_file(tmp_path, many), LogOptions(tail=2)) == b"line 19998\nline 19999\n"


def test_following_goes_on_in_the_new_file_and_ends_with_the_container(tmp_path: Path) -> None:
    async def story() -> None:
        path, clock, alive, got = log_file(tmp_path), ManualClock(), [True], bytearray()

        async def follow() -> None:
            async for block in logs.read(path, LogOptions(follow=True, tail=1), clock, lambda: alive[0]):
                got.extend(block)

        following = asyncio.get_running_loop().create_task(follow())
        await settle()
        assert bytes(got) == b"\n"
        with path.open("ab") as log:
            log.write(b"2026-01-01T00:00:04Z stdout F before\n")
        path.rename(tmp_path / "0.log.1")
        path.write_bytes(b"2026-01-01T00:00:05Z stdout F after\n")
        await clock.advance(0.3)
        assert bytes(got) == b"\nbefore\nafter\n"
        alive[0] = False
        await clock.advance(0.2)
        assert following.done()

    asyncio.run(story())


def test_log_queries() -> None:
    query = {"follow": "true", "tailLines": "5", "sinceSeconds": "60", "timestamps": "1", "limitBytes": "9"}
    found = access.log_options(query, START)
    assert found == LogOptions(
        follow=True, tail=5, since=START - datetime.timedelta(seconds=60), timestamps=True, limit_bytes=9
    )


@pytest.mark.parametrize("query", [{"tailLines": "-1"}, {"limitBytes": "x"}, {"sinceTime": "yesterday"}])
def test_bad_log_queries_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(access.BadQuery):
        access.log_options(query, START)


def test_only_administrators_may_ask() -> None:
    subject = ((("organizationName", "system:masters"),), (("commonName", "admin"),))
    assert access.allowed({"subject": subject})
    assert not access.allowed({"subject": ((("organizationName", "system:nodes"),),)})
    assert not access.allowed(None)
