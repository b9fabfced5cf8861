"""What a pod sees of the network's names: /etc/hosts, resolv.conf, its own host name.

In: pods, addresses, the agent's settings. Out: text and `Resolver` values. Pure.
Rules: facts/statefulset.md 6.3; kubelet_pods.go and network/dns/dns.go, Kubernetes 1.32.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.settings import AgentSettings, HostResolver

_HEADER = "# Kubernetes-managed hosts file.\n"
_LOCAL = (
    ("127.0.0.1", "localhost"),
    ("::1", "localhost ip6-localhost ip6-loopback"),
    ("fe00::0", "ip6-localnet"),
    ("fe00::0", "ip6-mcastprefix"),
    ("fe00::1", "ip6-allnodes"),
    ("fe00::2", "ip6-allrouters"),
)
MAX_SEARCHES = 32
MAX_SERVERS = 3
HOSTNAME_LENGTH = 64


def hosts_file(pod: Pod, addresses: Sequence[str], domain: str) -> str:
    """Return the text of a pod's /etc/hosts."""
    lines = [f"{address}\t{names}\n" for address, names in _LOCAL]
    fqdn = pod.fqdn(domain)
    names = f"{fqdn}\t{pod.hostname}" if fqdn else pod.hostname
    lines += [f"{address}\t{names}\n" for address in addresses]
    return _HEADER + "".join(lines) + _aliases(pod.spec.host_aliases)


def _aliases(aliases: Iterable[dict[str, Any]]) -> str:
    lines = ["\t".join([alias["ip"], *alias.get("hostnames", ())]) + "\n" for alias in aliases]
    return "\n# Entries added by HostAliases.\n" + "".join(lines) if lines else ""


def sandbox_hostname(pod: Pod, domain: str) -> str:
    """Return what `hostname` prints inside the pod; "" with host networking (the runtime refuses one there)."""
    if pod.spec.host_network:
        return ""
    fqdn = pod.fqdn(domain)
    return fqdn if pod.spec.set_hostname_as_fqdn and 0 < len(fqdn) <= HOSTNAME_LENGTH else pod.hostname


def resolver(pod: Pod, settings: AgentSettings) -> HostResolver:
    """Return the resolv.conf of a pod: its policy's, with dnsConfig added."""
    base = _by_policy(pod, settings)
    extra = pod.spec.dns_config
    options = {option.partition(":")[0]: option for option in base.options}
    for option in extra.get("options") or ():
        value = option.get("value")
        options[option["name"]] = f"{option['name']}:{value}" if value is not None else option["name"]
    return HostResolver(
        _unique((*base.servers, *(extra.get("nameservers") or ())))[:MAX_SERVERS],
        _unique((*base.searches, *(extra.get("searches") or ())))[:MAX_SEARCHES],
        tuple(options.values()),
    )


def _by_policy(pod: Pod, settings: AgentSettings) -> HostResolver:
    policy = pod.spec.dns_policy
    if policy == "None":
        return HostResolver()
    # ClusterFirst on the host's network means the host's resolver; ClusterFirstWithHostNet asks for the cluster's.
    cluster = policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not pod.spec.host_network)
    if not cluster or not settings.cluster_dns:
        return settings.resolver
    domain = settings.domain
    own = (f"{pod.namespace}.svc.{domain}", f"svc.{domain}", domain)
    return HostResolver(settings.cluster_dns, (*own, *settings.resolver.searches), ("ndots:5",))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def parse_resolv_conf(text: str) -> HostResolver:
    """Return the servers, searches and options of a resolv.conf (resolv.conf(5); the last `search` line counts)."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    for line in text.splitlines():
        words = line.split("#")[0].split(";")[0].split()
        if len(words) < 2:
            continue
        if words[0] == "nameserver":
            servers.append(words[1])
        elif words[0] in ("search", "domain"):
            searches = tuple(word.rstrip(".") for word in words[1:] if word != ".")
        elif words[0] == "options":
            options = tuple(words[1:])
    return HostResolver(tuple(servers), searches, options)
