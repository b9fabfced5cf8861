"""Real containers of this machine, as the assembly sees them: what is missing, up, down.

In: `Settings`. Out: `nodeagent.cri` settings and calls. Imported only where the runtime is containerd.
"""

from moorage.assembly.settings import Settings
from moorage.base.ports import Clock
from moorage.nodeagent.cri import layout, machine, prerequisites


def missing() -> list[str]:
    """Return what this machine lacks for real containers, one line each."""
    return prerequisites.missing()


def machine_settings(settings: Settings) -> layout.Settings:
    """Return the settings of the private containerd: the same in every process, for a change restarts it."""
    return layout.Settings(
        settings.data_dir,
        layout.node_networks(settings.node_names(), settings.pod_cidr),
        settings.pod_cidr,
        settings.service_cidr,
        (settings.cluster_dns,),
        settings.mirror,
    )


async def up(settings: Settings, clock: Clock) -> layout.Layout:
    """Have network and containerd running. Raises: UserError, RuntimeFailure."""
    return await machine.up(machine_settings(settings), clock)


async def down(settings: Settings, clock: Clock, *, purge: bool) -> list[str]:
    """Stop all pods and containerd; return what is left although it should not be."""
    return await machine.down(machine_settings(settings), clock, purge=purge)
