"""The nftables text of service traffic.

In: `balance.Port`s. Out: text for `nft -f -` that replaces one table in one transaction. Pure; O(ports + endpoints).
How the parts work together is measured in the fact sheet runtime.md 5.
"""

from collections.abc import Iterable, Sequence

from moorage.proxy.balance import Port

_HOOKS = ("prerouting", "output")


def ruleset(table: str, service_cidr: str, ports: Sequence[Port]) -> str:
    """Return the whole table.

    Args:
        table: its name.
        service_cidr: network of all Services: what goes there and nobody answers is refused.
        ports: what to balance.
    """
    served = [port for port in ports if port.endpoints]
    lines = [
        f"table ip {table}",
        f"delete table ip {table}",
        f"table ip {table} {{",
        _map("services", "ipv4_addr . inet_proto . inet_service : verdict", _services(served)),
        _map("nodeports", "inet_proto . inet_service : verdict", _node_ports(served)),
        _set(
            "hairpins", "ipv4_addr . ipv4_addr", sorted({address for port in served for address, _ in port.endpoints})
        ),
        *(_chain(index, port) for index, port in enumerate(served)),
        *(_entry(hook) for hook in _HOOKS),
        # A pod that reaches itself through its Service would drop an answer from its own address.
        "  chain postrouting {",
        "    type nat hook postrouting priority 100; policy accept;",
        "    ct status dnat ip saddr . ip daddr @hairpins masquerade",
        "  }",
        *(_refusal(hook, service_cidr) for hook in ("forward", "output")),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _services(served: Sequence[Port]) -> Iterable[str]:
    for index, port in enumerate(served):
        for address in port.addresses:
            yield f"{address} . {port.protocol} . {port.port} : goto port-{index}"


def _node_ports(served: Sequence[Port]) -> Iterable[str]:
    for index, port in enumerate(served):
        if port.node_port:
            yield f"{port.protocol} . {port.node_port} : goto port-{index}"


def _map(name: str, kind: str, elements: Iterable[str]) -> str:
    listed = ",\n      ".join(elements)
    return (
        f"  map {name} {{\n    type {kind}\n"
        + (f"    elements = {{\n      {listed}\n    }}\n" if listed else "")
        + "  }"
    )


def _set(name: str, kind: str, addresses: Sequence[str]) -> str:
    listed = ", ".join(f"{address} . {address}" for address in addresses)
    return f"  set {name} {{\n    type {kind}\n" + (f"    elements = {{ {listed} }}\n" if listed else "") + "  }"


def _chain(index: int, port: Port) -> str:
    """Return where connections of one port are sent: at random, or by the client's address."""
    count = len(port.endpoints)
    choice = f"jhash ip saddr mod {count}" if port.sticky else f"numgen random mod {count}"
    targets = ", ".join(f"{number} : {address} . {target}" for number, (address, target) in enumerate(port.endpoints))
    return (
        f"  chain port-{index} {{\n"
        f'    meta l4proto {port.protocol} dnat to {choice} map {{ {targets} }} comment "{port.name}"\n  }}'
    )


def _entry(hook: str) -> str:
    return (
        f"  chain nat-{hook} {{\n"
        f"    type nat hook {hook} priority -100; policy accept;\n"
        "    ip daddr . meta l4proto . th dport vmap @services\n"
        "    fib daddr type local meta l4proto . th dport vmap @nodeports\n  }"
    )


def _refusal(hook: str, service_cidr: str) -> str:
    """Return the refusal of what no rule sent on: a reset at once, where ICMP would take a second (fact sheet)."""
    unanswered = f"ip daddr {service_cidr} fib daddr type != local"
    return (
        f"  chain refuse-{hook} {{\n"
        f"    type filter hook {hook} priority 0; policy accept;\n"
        f"    {unanswered} meta l4proto tcp reject with tcp reset\n"
        f"    {unanswered} reject\n  }}"
    )
