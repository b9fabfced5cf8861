"""The end of the cluster, and the search for what it may have left behind.

In: `Scene`, the machine as it was before. Out: claims on its stage.
"""

from typing import TYPE_CHECKING

from moorage.assembly import processes
from moorage.assembly.paths import Paths
from moorage.cli.demo.scene import Scene
from moorage.nodeagent.cri.layout import Layout

if TYPE_CHECKING:
    from moorage.nodeagent.cri.hostrecord import HostRecord

WHAT = "process, mount, network namespace, bridge, nft table, cgroup or file outside the data directory"


async def before(*, real: bool) -> "HostRecord | None":
    """Return the machine as it is before the cluster starts; None where it will not be touched."""
    if not real:
        return None
    from moorage.nodeagent.cri import hostrecord

    return await hostrecord.look()


async def teardown(scene: Scene, record: "HostRecord | None") -> None:
    """Stop everything, remove everything, and look whether that is so."""
    stage, root = scene.stage, scene.options.data_dir
    paths = Paths(root)
    running = [found for name in processes.recorded(paths.run) if (found := processes.find(paths.run, name))]
    outcome = await stage.run(f"moor down --purge --data-dir {root}")
    stage.claim("the cluster stops", outcome.code == 0, outcome.text)
    alive = [f"{one.name} (pid {one.pid})" for one in running if processes.alive(one)]
    stage.claim(f"its processes have ended ({len(running)})", bool(running) and not alive, ", ".join(alive))
    stage.claim("its data directory is gone", not root.exists(), f"{root} is still there")
    if record is not None:
        from moorage.nodeagent.cri.leftovers import leftovers

        left = await leftovers(Layout(root), record)
        stage.claim(f"no {WHAT} is left over", not left, "; ".join(left))
