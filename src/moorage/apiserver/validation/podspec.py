"""Validation of pod specs, in pods and in templates alike.

In: a defaulted pod spec and its path. Out: errors. Rules: pkg/apis/core/validation (ValidatePodSpec).
"""

from moorage.api import names, quantity
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import scheduling, security
from moorage.apiserver.validation.containers import Context, containers, ephemeral_containers, init_containers
from moorage.apiserver.validation.errors import go_strings, invalid, required
from moorage.apiserver.validation.resources import amount
from moorage.apiserver.validation.values import in_range, named, one_of
from moorage.apiserver.validation.volumes import volumes

_RESTART_POLICIES = ("Always", "Never", "OnFailure")
_DNS_POLICIES = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
_PREEMPTION = ("Never", "PreemptLowerPriority")
_LONGEST_DEADLINE = 2**31 - 1
_MAX_SERVERS, _MAX_SEARCHES, _MAX_SEARCH_LENGTH = 3, 32, 2048


def pod_spec(path: str, spec: Document) -> list[FieldError]:
    """Check a pod spec."""
    usable, found = volumes(f"{path}.volumes", items(spec, "volumes"))
    context = Context(usable, spec.get("terminationGracePeriodSeconds") or 0)
    return [
        *found,
        *containers(f"{path}.containers", items(spec, "containers"), context),
        *init_containers(f"{path}.initContainers", spec, context),
        *ephemeral_containers(f"{path}.ephemeralContainers", spec, context),
        *_policies(path, spec),
        *metadata.labels(f"{path}.nodeSelector", spec.get("nodeSelector")),
        *security.pod_context(path, spec),
        *scheduling.affinity(f"{path}.affinity", part(spec, "affinity")),
        *_dns_config(f"{path}.dnsConfig", spec),
        *scheduling.readiness_gates(f"{path}.readinessGates", items(spec, "readinessGates")),
        *scheduling.gates(f"{path}.schedulingGates", items(spec, "schedulingGates")),
        *scheduling.spread_constraints(f"{path}.topologySpreadConstraints", items(spec, "topologySpreadConstraints")),
        *_names(path, spec),
        *scheduling.tolerations(f"{path}.tolerations", items(spec, "tolerations")),
        *_host_aliases(f"{path}.hostAliases", items(spec, "hostAliases")),
        *_priority(path, spec),
        *_overhead(f"{path}.overhead", part(spec, "overhead")),
        *security.operating_system(path, spec),
    ]


def _policies(path: str, spec: Document) -> list[FieldError]:
    found = []
    for key, supported in (("restartPolicy", _RESTART_POLICIES), ("dnsPolicy", _DNS_POLICIES)):
        value = spec.get(key, "")
        found += one_of(f"{path}.{key}", value, supported) if value else [required(f"{path}.{key}")]
    return found


def _dns_config(path: str, spec: Document) -> list[FieldError]:
    config = spec.get("dnsConfig")
    servers = items(spec, "dnsConfig", "nameservers")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not servers:
            text = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(f"{path}.nameservers", text)]
    found = []
    if len(servers) > _MAX_SERVERS:
        found.append(
            invalid(f"{path}.nameservers", go_strings(servers), f"must not have more than {_MAX_SERVERS} nameservers")
        )
    for where, server in indexed(f"{path}.nameservers", servers):
        found += named(where, server, names.ip_address)
    found += _searches(f"{path}.searches", items(spec, "dnsConfig", "searches"))
    for where, option in indexed(f"{path}.options", items(spec, "dnsConfig", "options")):
        if not option.get("name"):
            found.append(required(where, "must not be empty"))
    return found


def _searches(path: str, searches: list[str]) -> list[FieldError]:
    found = []
    if len(searches) > _MAX_SEARCHES:
        found.append(invalid(path, go_strings(searches), f"must not have more than {_MAX_SEARCHES} search paths"))
    if len(" ".join(searches)) > _MAX_SEARCH_LENGTH:
        text = f"must not have more than {_MAX_SEARCH_LENGTH} characters (including spaces) in the search list"
        found.append(invalid(path, go_strings(searches), text))
    for where, search in indexed(path, searches):
        found += named(where, search.removesuffix("."), names.dns_subdomain)
    return found


def _names(path: str, spec: Document) -> list[FieldError]:
    """Check the names a pod is given, and its deadline."""
    found = []
    for key in ("serviceAccountName", "nodeName"):
        if spec.get(key):
            found += named(f"{path}.{key}", spec[key], names.dns_subdomain)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None:
        found += in_range(f"{path}.activeDeadlineSeconds", deadline, 1, _LONGEST_DEADLINE)
    for key in ("hostname", "subdomain"):
        if spec.get(key):
            found += named(f"{path}.{key}", spec[key], names.dns_label)
    return found


def _host_aliases(path: str, aliases: list[Document]) -> list[FieldError]:
    found = []
    for where, alias in indexed(path, aliases):
        found += named(f"{where}.ip", alias.get("ip", ""), names.ip_address)
        for there, hostname in indexed(f"{where}.hostnames", items(alias, "hostnames")):
            found += named(there, hostname, names.dns_subdomain)
    return found


def _priority(path: str, spec: Document) -> list[FieldError]:
    found = []
    for key in ("priorityClassName", "runtimeClassName"):
        if spec.get(key):
            found += named(f"{path}.{key}", spec[key], names.dns_subdomain)
    if "preemptionPolicy" in spec:
        found += one_of(f"{path}.preemptionPolicy", spec["preemptionPolicy"], _PREEMPTION)
    return found


def _overhead(path: str, overhead: Document) -> list[FieldError]:
    found = []
    for name, text in overhead.items():
        found += amount(f"{path}[{name}]", name, quantity.parse(text))
    return found
