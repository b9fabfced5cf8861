"""Brings the private containerd of one data directory up, and takes it down without a trace.

In: `Settings`. Out: `up` (safe to call from several agents at once), `down`, `import_archive`. Next room: `runtime`.
"""

import contextlib
import fcntl
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from moorage.base.errors import RuntimeFailure, Unavailable, UserError
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.nodeagent.cri import hostrecord, network, prerequisites, standins
from moorage.nodeagent.cri.calls import Calls
from moorage.nodeagent.cri.commands import run
from moorage.nodeagent.cri.config import conflist, containerd_config, hosts_toml
from moorage.nodeagent.cri.containerd import Containerd
from moorage.nodeagent.cri.imagebuild import oci_archive
from moorage.nodeagent.cri.images import Images
from moorage.nodeagent.cri.layout import CRI_NAMESPACE, LONGEST_SOCKET, PAUSE_IMAGE, Layout, Settings
from moorage.nodeagent.cri.leftovers import leftovers, sweep
from moorage.nodeagent.cri.stopping import stop_everything

log = logger("cri")
LOCK_SECONDS = 60.0
"""How long one agent waits for another that is bringing the machine up or down."""
IMPORT_SECONDS = 10.0
"""How long CRI may take to notice an imported image; measured 0.05 s."""
POLL_SECONDS = 0.02
# `ctr images import` names each image it unpacks in such a line.
UNPACKING = re.compile(r"^unpacking (\S+) \(", re.MULTILINE)


async def up(settings: Settings, clock: Clock) -> Layout:
    """Prepare network and files and have containerd running with the sandbox image.

    Args:
        settings: of the whole machine, the same from every agent.
        clock: for waits.

    Returns:
        Where everything is, for `CriRuntime`.

    Raises:
        UserError: the machine cannot run containers, or a range or path is unsuitable.
        RuntimeFailure: containerd or a system program refused.
    """
    lacks = prerequisites.missing()
    if lacks:
        raise UserError(f"cannot run real containers: {'; '.join(lacks)} (or use --runtime sim)")
    layout = Layout(settings.data_dir)
    if len(str(layout.socket).encode()) > LONGEST_SOCKET:
        raise UserError(f"data directory {layout.data_dir} is too long a path for a socket; choose a shorter one")
    layout.home.mkdir(mode=0o711, parents=True, exist_ok=True)
    async with _locked(layout, clock):
        await network.check_free(settings, layout)
        await hostrecord.keep(layout)
        await network.prepare(settings, layout)
        _write_files(settings, layout)
        await Containerd(layout, clock).ensure_running(containerd_config(settings, layout))
        await _ensure_pause(layout, clock, settings.snapshotter)
    return layout


async def down(settings: Settings, clock: Clock, *, purge: bool) -> list[str]:
    """Stop every pod and containerd, undo every change to the machine.

    Args:
        settings: as given to `up`.
        clock: for waits.
        purge: also forget images and all else of the containerd.

    Returns:
        What is left although it should not be; see `leftovers`.
    """
    layout = Layout(settings.data_dir)
    record = hostrecord.load(layout.record)
    if not layout.home.exists():
        return await leftovers(layout)
    async with _locked(layout, clock):
        daemon = Containerd(layout, clock)
        try:
            await daemon.ensure_running(containerd_config(settings, layout))
            refusals = await stop_everything(layout, clock)
        except (RuntimeFailure, Unavailable) as error:
            refusals = [str(error)]
        for refusal in refusals:
            log.warning("a pod could not be stopped in order; ending it by force", reason=refusal)
        await daemon.stop()
        await sweep(layout, clock)
        await network.remove(layout)
        if record:
            await hostrecord.restore(record, layout)
        left = await leftovers(layout, record)
        layout.record.unlink(missing_ok=True)
    if purge:
        shutil.rmtree(layout.home)
    return left


async def import_archive(file: Path, layout: Layout, clock: Clock, snapshotter: str = "overlayfs") -> list[str]:
    """Import the images of an OCI or docker archive and wait until pods can use them.

    Returns:
        Their names.

    Raises:
        RuntimeFailure: the file is no such archive, or containerd refused.
    """
    command = ("ctr", "--address", str(layout.socket), "--namespace", CRI_NAMESPACE, "images", "import")
    output = await run(*command, "--snapshotter", snapshotter, str(file))
    names = UNPACKING.findall(output)
    if not names:
        raise RuntimeFailure("ImportFailed", f"{file} holds no image with a name")
    calls = Calls(layout.socket, clock)
    try:
        for name in names:
            await _noticed(Images(calls), name, clock)
    finally:
        calls.close()
    return names


async def _noticed(images: Images, name: str, clock: Clock) -> None:
    until = clock.monotonic() + IMPORT_SECONDS
    while await images.get(name) is None:
        if clock.monotonic() > until:
            raise Unavailable(f"containerd has imported {name} but does not list it")
        await clock.sleep(POLL_SECONDS)


async def _ensure_pause(layout: Layout, clock: Clock, snapshotter: str) -> None:
    calls = Calls(layout.socket, clock)
    try:
        if await Images(calls).get(PAUSE_IMAGE):
            return
    finally:
        calls.close()
    file = layout.home / "pause.tar"
    file.write_bytes(oci_archive({PAUSE_IMAGE: standins.pause()}))
    await import_archive(file, layout, clock, snapshotter)
    file.unlink()


def _write_files(settings: Settings, layout: Layout) -> None:
    for node in settings.nodes:
        folder = layout.cni_dir(node)
        folder.mkdir(parents=True, exist_ok=True)
        _write_changed(folder / "10-moorage.conflist", conflist(settings, layout, node))
    rule = layout.hosts / "_default" / "hosts.toml"
    rule.parent.mkdir(parents=True, exist_ok=True)
    if settings.mirror:
        _write_changed(rule, hosts_toml(settings.mirror))
    else:
        rule.unlink(missing_ok=True)


def _write_changed(file: Path, text: str) -> None:
    # containerd watches these folders: an equal rewrite would make it load the network anew.
    if not file.exists() or file.read_text() != text:
        temporary = file.with_suffix(".new")
        temporary.write_text(text)
        temporary.replace(file)


@contextlib.asynccontextmanager
async def _locked(layout: Layout, clock: Clock) -> AsyncIterator[None]:
    until = clock.monotonic() + LOCK_SECONDS
    with layout.lock.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock.monotonic() > until:
                    raise Unavailable(f"another process is busy with {layout.home}; try again") from None
            await clock.sleep(POLL_SECONDS)
        yield
