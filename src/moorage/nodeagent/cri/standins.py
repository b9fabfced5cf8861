"""Images made on the spot: the sandbox's pause process and stand-ins for images a machine without network cannot fetch.

In: the bytes of a static busybox. Out: `pause()`, `busybox()`, `demo_images()`.
"""

import struct

from moorage.nodeagent.cri.imagebuild import Entry, Image, Recipe, build

WEB_ROOT = "usr/share/nginx/html"
# What people type inside a demo container; all are links to the one program.
APPLETS = """
awk basename cat chmod chown cp cut date dd df dirname du echo env expr false find free grep head
hostname httpd id ifconfig ip kill less ln ls md5sum mkdir mktemp mount mv nc netstat nslookup od
ping printf ps pwd readlink rm rmdir route sed seq sh sha256sum sleep sort stat sync tail tar tee
test timeout top touch tr true umount uname uniq uptime vi wc wget which whoami xargs yes
"""
# The page is written once: with a volume it outlives the container, and an update does not overwrite a user's page.
WEB_SCRIPT = """#!/bin/sh
page=/{root}/index.html
[ -e "$page" ] || echo "Hello MyApp | Version: {version} | $(hostname)" > "$page"
httpd -f -p 80 -h /{root} &
server=$!
trap 'kill "$server"; exit 0' TERM INT
wait "$server"
"""
ORIGIN = 0x400000
ELF_HEADER, PROGRAM_HEADER = 64, 56


def pause_program() -> bytes:
    """Return a static x86-64 ELF that ignores SIGCHLD (so orphans are reaped) and then waits for ever.

    Source: ELF-64 object file format (headers), x86-64 psABI (system calls): rt_sigaction is 13, pause is 34.
    """
    code = bytes.fromhex("b80d000000bf11000000488d351300000031d241ba080000000f05b8220000000f05ebf7")
    action = struct.pack("<4Q", 1, 0, 0, 0)
    size = ELF_HEADER + PROGRAM_HEADER + len(code) + len(action)
    entry = ORIGIN + ELF_HEADER + PROGRAM_HEADER
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = ident + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, entry, ELF_HEADER, 0, 0, ELF_HEADER, PROGRAM_HEADER, 1, 0, 0, 0
    )
    program = struct.pack("<IIQQQQQQ", 1, 5, 0, ORIGIN, ORIGIN, size, size, 0x1000)
    return header + program + code + action


def pause() -> Image:
    """Return the image every sandbox runs."""
    return build(Recipe((Entry("pause", pause_program()),), entrypoint=("/pause",)))


def busybox(program: bytes) -> Image:
    """Return an image of a shell and small tools around a static busybox."""
    return build(Recipe(_tools(program), command=("sh",)))


def web(program: bytes, version: str) -> Image:
    """Return a web server on port 80 whose page names `version` and the pod; ends at once on SIGTERM."""
    script = WEB_SCRIPT.format(root=WEB_ROOT, version=version).encode()
    entries = (
        *_tools(program),
        Entry(WEB_ROOT, folder=True),
        Entry("etc/myapp-version", f"{version}\n".encode(), 0o644),
        Entry("entry", script),
    )
    return build(Recipe(entries, command=("/entry",), ports=("80/tcp",)))


def demo_images(program: bytes) -> dict[str, Image]:
    """Return the stand-ins of the demo by reference, as a manifest names them."""
    return {f"ikubernetes/myapp:{version}": web(program, version) for version in ("v5", "v6")}


def _tools(program: bytes) -> tuple[Entry, ...]:
    return (
        Entry("bin/busybox", program),
        *(Entry(f"bin/{name}", link="busybox") for name in APPLETS.split()),
        Entry("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", 0o644),
        Entry("etc/group", b"root:x:0:\nnogroup:x:65534:\n", 0o644),
        Entry("root", folder=True, mode=0o700),
        Entry("tmp", folder=True, mode=0o1777),
        Entry("proc", folder=True, mode=0o555),
        Entry("sys", folder=True, mode=0o555),
        Entry("dev", folder=True),
    )
