"""The texts containerd and the CNI plugins read: pure functions from settings to text.

In: `Settings` and `Layout`. Out: `containerd_config`, `hosts_toml`, `conflist`; `containerd.py` writes them.
Source of each choice: fact sheet runtime, sections 3 and 4.
"""

import ipaddress
import json

from moorage.nodeagent.cri.layout import PAUSE_IMAGE, Layout, NodeNetwork, Settings

CNI_BIN_DIR = "/usr/lib/cni"
# None of these is needed; the first would make /opt/containerd, the others probe for kernel modules or collectors.
DISABLED_PLUGINS = (
    "io.containerd.internal.v1.opt",
    "io.containerd.internal.v1.tracing",
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.tracing.processor.v1.otlp",
)
CRI = 'plugins."io.containerd.grpc.v1.cri"'


def containerd_config(settings: Settings, layout: Layout) -> str:
    """Return containerd's configuration file (version 2): everything below the data directory."""
    first_cni = layout.cni_dir(settings.nodes[0]) if settings.nodes else layout.cni
    tables: list[tuple[str, dict[str, object]]] = [
        (
            "",
            {
                "version": 2,
                "root": str(layout.root),
                "state": str(layout.state),
                "disabled_plugins": list(DISABLED_PLUGINS),
            },
        ),
        ("grpc", {"address": str(layout.socket)}),
        (
            CRI,
            {
                "sandbox_image": PAUSE_IMAGE,
                # Without CAP_SYS_RESOURCE a sandbox could not get its oom_score_adj of -998.
                "restrict_oom_score_adj": True,
                "disable_apparmor": True,
                "netns_mounts_under_state_dir": True,
                "stream_server_address": "127.0.0.1",
                "stream_server_port": "0",
            },
        ),
        (f"{CRI}.cni", {"bin_dir": CNI_BIN_DIR, "conf_dir": str(first_cni)}),
        (f"{CRI}.registry", {"config_path": str(layout.hosts)}),
        (f"{CRI}.containerd", {"snapshotter": settings.snapshotter, "default_runtime_name": "runc"}),
        *_runtime("runc", str(first_cni), layout),
    ]
    for node in settings.nodes:
        tables += _runtime(layout.handler(node), str(layout.cni_dir(node)), layout)
    return "\n".join(_table(name, values) for name, values in tables)


def hosts_toml(mirror: str) -> str:
    """Return the registry rule for every host. `server` must be set: else a 404 falls back to the real host."""
    return f'server = {json.dumps(mirror)}\n\n[host.{json.dumps(mirror)}]\n  capabilities = ["pull", "resolve"]\n'


def conflist(settings: Settings, layout: Layout, node: NodeNetwork) -> str:
    """Return the network configuration of one node: a bridge, addresses of the node's range, host ports."""
    bridge = {
        "type": "bridge",
        "bridge": layout.bridge(node),
        "isGateway": True,
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": {
            "type": "host-local",
            "dataDir": str(layout.leases),
            "ranges": [[{"subnet": str(ipaddress.ip_network(node.pod_cidr)), "gateway": node.gateway}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    portmap = {"type": "portmap", "snat": True, "capabilities": {"portMappings": True}}
    document = {"cniVersion": "0.4.0", "name": layout.bridge(node), "plugins": [bridge, portmap]}
    return json.dumps(document, indent=2) + "\n"


def _runtime(name: str, cni_dir: str, layout: Layout) -> list[tuple[str, dict[str, object]]]:
    table = f"{CRI}.containerd.runtimes.{name}"
    return [
        (table, {"runtime_type": "io.containerd.runc.v2", "cni_conf_dir": cni_dir}),
        (f"{table}.options", {"BinaryName": "runc", "Root": str(layout.runc), "SystemdCgroup": False}),
    ]


def _table(name: str, values: dict[str, object]) -> str:
    # JSON's strings, numbers, booleans and arrays are valid TOML.
    head = [f"[{name}]"] if name else []
    return "\n".join([*head, *(f"{key} = {json.dumps(value)}" for key, value in values.items())]) + "\n"
