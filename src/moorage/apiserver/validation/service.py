"""Validation of Services.

In: defaulted documents. Out: errors. Rules: pkg/apis/core/validation (ValidateService, ValidateServiceUpdate); the rules about
address families are those of pkg/registry/core/service for a cluster with IPv4 alone.
"""

import ipaddress

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.addresses import special_address
from moorage.apiserver.validation.errors import (
    forbidden,
    go_strings,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from moorage.apiserver.validation.serviceports import ports
from moorage.apiserver.validation.values import named, one_of

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_POLICIES = ("Cluster", "Local")
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("SingleStack", "PreferDualStack", "RequireDualStack")
_LONGEST_AFFINITY = 86400
_NONE = "None"
_NETWORK = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_ONLY_EXTERNAL = "may only be set when `type` is 'NodePort' or 'LoadBalancer'"


def created(document: Document) -> list[FieldError]:
    """Check a new Service; its name is a DNS-1035 label. Errors about address families come alone."""
    spec = part(document, "spec")
    families = _families(spec)
    if families:
        return families
    found = metadata.created(document, names.dns_1035_label)
    found += _type(spec)
    found += ports("spec.ports", spec)
    found += metadata.labels("spec.selector", spec.get("selector"))
    found += _affinity(spec)
    found += _external_addresses(spec)
    found += _source_ranges(spec)
    found += _addresses(spec)
    return found + _traffic(spec)


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed Service: its first address stays while its type keeps one."""
    found = metadata.updated(new, old)
    after, before = part(new, "spec"), part(old, "spec")
    families = _families(after)
    if families:
        return families
    if "ExternalName" not in (after.get("type"), before.get("type")):
        found += _same_address(after, before)
    balanced = before.get("type") == after.get("type") == "LoadBalancer"
    if balanced and after.get("loadBalancerClass") != before.get("loadBalancerClass"):
        found.append(invalid("spec.loadBalancerClass", after.get("loadBalancerClass"), "may not change once set"))
    return found + created(new)


def status_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed status."""
    found = metadata.updated(new, old)
    path = "status.loadBalancer.ingress"
    for where, one in indexed(path, items(new, "status", "loadBalancer", "ingress")):
        if one.get("ip"):
            found += named(f"{where}.ip", one["ip"], names.ip_address)
        if one.get("hostname"):
            found += named(f"{where}.hostname", one["hostname"], names.dns_subdomain)
    return found


def _families(spec: Document) -> list[FieldError]:
    """Refuse families this cluster does not have. Headless without selector may name them: nothing is allocated."""
    if spec.get("type") == "ExternalName" or (spec.get("clusterIP") == _NONE and not spec.get("selector")):
        return []
    found = []
    if spec.get("ipFamilyPolicy") == "RequireDualStack":
        text = "this cluster is not configured for dual-stack services"
        found.append(invalid("spec.ipFamilyPolicy", "RequireDualStack", text))
    for where, family in indexed("spec.ipFamilies", items(spec, "ipFamilies")):
        if family == "IPv6":
            found.append(invalid(where, family, "not configured on this cluster"))
    return found


def _type(spec: Document) -> list[FieldError]:
    """Check the type, and what each type asks for."""
    kind = spec.get("type", "")
    found = one_of("spec.type", kind, _TYPES) if kind else [required("spec.type")]
    if kind == "LoadBalancer" and spec.get("clusterIP") == _NONE:
        found.append(invalid("spec.clusterIPs[0]", _NONE, "may not be set to 'None' for LoadBalancer services"))
    if kind == "NodePort" and spec.get("clusterIP") == _NONE:
        found.append(invalid("spec.clusterIPs[0]", _NONE, "may not be set to 'None' for NodePort services"))
    if kind == "ExternalName":
        found += _external_name(spec)
    return found


def _external_name(spec: Document) -> list[FieldError]:
    text = "may not be set for ExternalName services"
    found = [forbidden(f"spec.{key}", text) for key in ("clusterIPs", "ipFamilies", "ipFamilyPolicy") if spec.get(key)]
    name = spec.get("externalName", "").removesuffix(".")
    return found + (named("spec.externalName", name, names.dns_subdomain) if name else [required("spec.externalName")])


def _affinity(spec: Document) -> list[FieldError]:
    kind = spec.get("sessionAffinity", "")
    found = one_of("spec.sessionAffinity", kind, _AFFINITIES) if kind else [required("spec.sessionAffinity")]
    config, path = spec.get("sessionAffinityConfig"), "spec.sessionAffinityConfig"
    if kind == "ClientIP":
        seconds = part(config or {}, "clientIP").get("timeoutSeconds", 0)
        if not 0 < seconds <= _LONGEST_AFFINITY:
            text = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            found.append(invalid(f"{path}.clientIP.timeoutSeconds", seconds, text))
    elif kind == "None" and config is not None:
        found.append(forbidden(path, "must not be set when session affinity is None"))
    return found


def _external_addresses(spec: Document) -> list[FieldError]:
    found = []
    for where, address in indexed("spec.externalIPs", items(spec, "externalIPs")):
        problems = names.ip_address(address)
        found += invalid_each(where, address, problems) if problems else special_address(where, address)
    return found


def _source_ranges(spec: Document) -> list[FieldError]:
    ranges, path = items(spec, "loadBalancerSourceRanges"), "spec.loadBalancerSourceRanges"
    if not ranges:
        return []
    if spec.get("type") != "LoadBalancer":
        return [forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'")]
    return [invalid(where, one, _NETWORK) for where, one in indexed(path, ranges) if not _is_network(one)]


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return "/" in text


def _addresses(spec: Document) -> list[FieldError]:
    """Check the cluster addresses, their families and the policy for them."""
    if spec.get("type") == "ExternalName":
        return []
    found: list[FieldError] = []
    addresses, path = items(spec, "clusterIPs"), "spec.clusterIPs"
    if addresses and spec.get("clusterIP") != addresses[0]:
        found.append(invalid(path, go_strings(addresses), "first value must match `clusterIP`"))
    for where, family in indexed("spec.ipFamilies", items(spec, "ipFamilies")):
        found += one_of(where, family, _FAMILIES)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _FAMILY_POLICIES:
        found.append(not_supported("spec.ipFamilyPolicy", policy, _FAMILY_POLICIES))
    if len(addresses) > 2:
        found.append(invalid(path, go_strings(addresses), "may only hold up to 2 values"))
    for where, address in indexed(path, addresses):
        if address == _NONE:
            text = "'None' must be the first and only value"
            found += [invalid(where, go_strings(addresses), text)] if len(addresses) > 1 else []
        else:
            found += named(where, address, names.ip_address)
    return found


def _same_address(after: Document, before: Document) -> list[FieldError]:
    """Refuse another first address."""
    new, old = items(after, "clusterIPs"), items(before, "clusterIPs")
    if not old or not new:
        return []
    if new[0] != old[0]:
        return [invalid("spec.clusterIPs[0]", go_strings(new), "may not change once set")]
    return []


def _traffic(spec: Document) -> list[FieldError]:
    """Check which type may have which traffic policy."""
    found = []
    external, internal = spec.get("externalTrafficPolicy"), spec.get("internalTrafficPolicy")
    reachable = spec.get("type") in ("NodePort", "LoadBalancer")
    if external and not reachable and not spec.get("externalIPs"):
        found.append(invalid("spec.externalTrafficPolicy", external, _ONLY_EXTERNAL))
    elif external and external not in _POLICIES:
        found.append(not_supported("spec.externalTrafficPolicy", external, _POLICIES))
    elif reachable and not external:
        found.append(required("spec.externalTrafficPolicy"))
    if spec.get("type") in ("ClusterIP", "NodePort", "LoadBalancer"):
        if not internal:
            found.append(required("spec.internalTrafficPolicy"))
        elif internal not in _POLICIES:
            found.append(not_supported("spec.internalTrafficPolicy", internal, _POLICIES))
    return found + _balancer(spec)


def _balancer(spec: Document) -> list[FieldError]:
    """Refuse what only a load balancer has."""
    found = []
    text = "may only be used when `type` is 'LoadBalancer'"
    if spec.get("type") == "LoadBalancer":
        if spec.get("allocateLoadBalancerNodePorts") is None:
            found.append(required("spec.allocateLoadBalancerNodePorts"))
    elif spec.get("allocateLoadBalancerNodePorts") is not None:
        found.append(forbidden("spec.allocateLoadBalancerNodePorts", text))
    if spec.get("loadBalancerClass") is not None:
        if spec.get("type") != "LoadBalancer":
            found.append(forbidden("spec.loadBalancerClass", text))
        found += named("spec.loadBalancerClass", spec["loadBalancerClass"], names.qualified_name)
    return found
