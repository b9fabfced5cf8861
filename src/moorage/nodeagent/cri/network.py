"""The machine's side of the pod network: bridges, routes that keep pod and service packets inside, masquerading.

In: `Settings` and `Layout`. Out: changes to the machine, each with its undoing; `hostrecord` knows what was before.
The CNI plugins add the rest per pod. Ruleset and `ip` batch texts are pure functions.
"""

import contextlib
import json
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from moorage.base.errors import RuntimeFailure, UserError
from moorage.nodeagent.cri.commands import run
from moorage.nodeagent.cri.layout import Layout, NodeNetwork, Settings

INTERFACES = Path("/sys/class/net")
# Without the second, a service's reply between two pods of one bridge would bypass address translation.
SYSCTLS = {
    "/proc/sys/net/ipv4/ip_forward": "1",
    "/proc/sys/net/bridge/bridge-nf-call-iptables": "1",
}
# Chains of CNI's portmap plugin that outlive the last pod with a host port, and who jumps to them.
PORTMAP_CHAINS = ("CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-MASQ", "CNI-HOSTPORT-SETMARK")
PORTMAP_POD_CHAIN = "CNI-DN-"
ROUTE_PROTOCOL = "109"


def ip_batch(settings: Settings, layout: Layout) -> str:
    """Return the `ip -batch` text that brings up bridges and routes. Pure; safe to run twice but for the bridges."""
    lines = []
    for node in settings.nodes:
        bridge = layout.bridge(node)
        lines += [
            f"address replace {node.gateway}/{node.prefix_length} dev {bridge}",
            f"link set {bridge} up",
        ]
    if settings.nodes:
        lines += [
            f"address replace {address}/32 dev {layout.bridge(settings.nodes[0])}"
            for address in settings.service_addresses
        ]
    lines += [
        # A bridge's own range and the local addresses are more exact and win; all else of the ranges ends here.
        f"route replace unreachable {cidr} metric {layout.route_metric} protocol {ROUTE_PROTOCOL}"
        for cidr in (settings.cluster_cidr, settings.service_cidr)
    ]
    if settings.nodes:
        # The kernel routes before it translates: without a way there, nothing for a Service would reach its rules.
        first = settings.nodes[0]
        lines.append(
            f"route replace {settings.service_cidr} dev {layout.bridge(first)} src {first.gateway} protocol {ROUTE_PROTOCOL}"
        )
    return "\n".join(lines) + "\n"


def ruleset(settings: Settings, layout: Layout) -> str:
    """Return the nftables text: what pods send to the world leaves with the machine's address. Pure."""
    table = table_name(layout)
    return f"""table ip {table}
delete table ip {table}
table ip {table} {{
  chain postrouting {{
    type nat hook postrouting priority 100; policy accept;
    ip saddr {settings.cluster_cidr} ip daddr != {{ {settings.cluster_cidr}, {settings.service_cidr}, 224.0.0.0/4 }} \
oifname != "mo{layout.tag}-*" fib daddr type != local masquerade
  }}
}}
"""


def table_name(layout: Layout) -> str:
    """Return the name of this cluster's nftables table."""
    return f"moorage-{layout.tag}"


def services_table(layout: Layout) -> str:
    """Return the name of the table with the traffic of Services; the proxy replaces it as a whole."""
    return f"{table_name(layout)}-services"


async def load_rules(text: str) -> None:
    """Hand a ruleset to the kernel. Raises: RuntimeFailure."""
    await run("nft", "-f", "-", text=text)


def hardware_address(layout: Layout, node: NodeNetwork) -> str:
    """Return a fixed address for the node's bridge: else it changes with every pod that comes or goes."""
    tag = layout.tag
    return f"02:{tag[0:2]}:{tag[2:4]}:{tag[4:6]}:{tag[6:8]}:{node.index & 0xFF:02x}"


async def prepare(settings: Settings, layout: Layout) -> None:
    """Bring up bridges, routes, rules and sysctls. Raises: RuntimeFailure."""
    for node in settings.nodes:
        bridge = layout.bridge(node)
        if not (INTERFACES / bridge).exists():
            await run("ip", "link", "add", bridge, "address", hardware_address(layout, node), "type", "bridge")
    await run("ip", "-batch", "-", text=ip_batch(settings, layout))
    await load_rules(ruleset(settings, layout))
    for path, value in SYSCTLS.items():
        write_sysctl(path, value)


async def check_free(settings: Settings, layout: Layout) -> None:
    """Raise a UserError if another interface already holds a node's range."""
    for link in json.loads(await run("ip", "-json", "address")):
        taken = {f"{entry['local']}/{entry['prefixlen']}" for entry in link["addr_info"] if entry["family"] == "inet"}
        for node in settings.nodes:
            if f"{node.gateway}/{node.prefix_length}" in taken and link["ifname"] != layout.bridge(node):
                raise UserError(
                    f"pod range {node.pod_cidr} is in use by interface {link['ifname']}; choose another --pod-cidr"
                )


async def remove(layout: Layout) -> None:
    """Remove this cluster's bridges, routes and rules, and portmap's chains where no pod uses them any more."""
    for bridge in bridges(layout):
        with contextlib.suppress(RuntimeFailure):
            await run("ip", "link", "delete", bridge)
    for destination in await routes(layout):
        with contextlib.suppress(RuntimeFailure):
            metric = str(layout.route_metric)
            await run("ip", "route", "delete", "unreachable", destination, "metric", metric)
    for table in (table_name(layout), services_table(layout)):
        with contextlib.suppress(RuntimeFailure):
            await run("nft", "delete", "table", "ip", table)
    for arguments in portmap_removals(await _nat_rules(), layout):
        with contextlib.suppress(RuntimeFailure):
            await run("iptables", "-w", "-t", "nat", *arguments)


def bridges(layout: Layout) -> list[str]:
    """Return this cluster's bridges that exist."""
    return sorted(link.name for link in INTERFACES.iterdir() if link.name.startswith(f"mo{layout.tag}-"))


def other_clusters(layout: Layout) -> bool:
    """Tell whether another cluster has bridges on this machine."""
    return any(
        link.name.startswith("mo") and link.name[10:11] == "-" and link.name[2:10] != layout.tag
        for link in INTERFACES.iterdir()
    )


async def routes(layout: Layout) -> list[str]:
    """Return the destinations of this cluster's unreachable routes."""
    listed = json.loads(await run("ip", "-json", "route", "show", "type", "unreachable") or "[]")
    return [route["dst"] for route in listed if route.get("metric") == layout.route_metric]


async def tables() -> list[str]:
    """Return every nftables table as `family name`."""
    listed: dict[str, Any] = json.loads(await run("nft", "-j", "list", "tables"))
    return [f"{entry['table']['family']} {entry['table']['name']}" for entry in listed["nftables"] if "table" in entry]


async def portmap_chains() -> list[str]:
    """Return portmap's chains that exist."""
    return portmap_chains_in(await _nat_rules())


def portmap_chains_in(rules: list[list[str]]) -> list[str]:
    """Return portmap's chains among rules in the form of `iptables -S`, split into words. Pure."""
    names = [words[1] for words in rules if words[0] == "-N"]
    return [name for name in names if name in PORTMAP_CHAINS or name.startswith(PORTMAP_POD_CHAIN)]


def portmap_removals(rules: list[list[str]], layout: Layout) -> list[list[str]]:
    """Return what removes the host ports of this cluster's pods, and the shared chains if no other pod has any. Pure.

    Args:
        rules: as for `portmap_chains_in`. Portmap notes the network's name in a comment on each jump to a pod's chain.
        layout: whose pods.

    Returns:
        Arguments of one `iptables` call each, in order.
    """
    ours = [words for words in rules if any(f'name: "mo{layout.tag}-' in word for word in words)]
    doomed = {words[words.index("-j") + 1] for words in ours if words[1] == PORTMAP_CHAINS[0]}
    jumps = [words for words in rules if words[0] == "-A" and words[1] == PORTMAP_CHAINS[0] and words in ours]
    existing = portmap_chains_in(rules)
    if all(name in doomed or name in PORTMAP_CHAINS for name in existing):
        jumps += [
            words for words in rules if words[0] == "-A" and words[1] not in existing and _target(words) in existing
        ]
        doomed |= set(existing)
    chains = sorted(doomed)
    return [
        *(["-D", *words[1:]] for words in jumps),
        *(["-F", name] for name in chains),
        *(["-X", name] for name in chains),
    ]


async def remove_empty_tables(names: Iterable[str]) -> None:
    """Remove tables without any rule: the `iptables` program makes its tables on first use and leaves them."""
    for name in names:
        listed = json.loads(await run("nft", "-j", "list", "table", *name.split(" ")))
        if not any("rule" in entry for entry in listed["nftables"]):
            await run("nft", "delete", "table", *name.split(" "))


def write_sysctl(path: str, value: str) -> None:
    """Set a kernel setting where this kernel has it and it differs."""
    file = Path(path)
    with contextlib.suppress(FileNotFoundError):
        if file.read_text().strip() != value:
            file.write_text(value)


async def _nat_rules() -> list[list[str]]:
    try:
        return [shlex.split(line) for line in (await run("iptables", "-w", "-t", "nat", "-S")).splitlines()]
    except RuntimeFailure:
        return []


def _target(words: list[str]) -> str:
    return words[words.index("-j") + 1] if "-j" in words else ""
