"""Validation of the ports of a Service.

In: a defaulted spec. Out: errors. Rules: pkg/apis/core/validation (validateServicePort and the loops around it).
"""

from moorage.api import names
from moorage.api.goquote import quote
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items
from moorage.apiserver.strategy import FieldError, GoText
from moorage.apiserver.validation.errors import duplicate, forbidden, invalid, invalid_each, required
from moorage.apiserver.validation.values import named, one_of, port

_PROTOCOLS = ("SCTP", "TCP", "UDP")


def ports(path: str, spec: Document) -> list[FieldError]:
    """Check the ports of a Service; only headless and external ones may have none."""
    given = items(spec, "ports")
    headless = spec.get("clusterIP") == "None"
    if not given and not headless and spec.get("type") != "ExternalName":
        return [required(path)]
    found: list[FieldError] = []
    names_seen: set[str] = set()
    for where, one in indexed(path, given):
        found += _port(where, one, names_seen, several=len(given) > 1)
    if spec.get("type") in ("ClusterIP", "ExternalName"):
        text = f"may not be used when `type` is '{spec['type']}'"
        found += [forbidden(f"{where}.nodePort", text) for where, one in indexed(path, given) if one.get("nodePort")]
    return found + _twice(path, given)


def _port(path: str, one: Document, seen: set[str], *, several: bool) -> list[FieldError]:
    name, protocol = one.get("name", ""), one.get("protocol", "")
    found: list[FieldError] = []
    if name:
        found += named(f"{path}.name", name, names.dns_label)
        if name in seen:
            found.append(duplicate(f"{path}.name", name))
        seen.add(name)
    elif several:
        found.append(required(f"{path}.name"))
    number = one.get("port", 0)
    found += invalid_each(f"{path}.port", number, names.port_number(number))
    found += one_of(f"{path}.protocol", protocol, _PROTOCOLS) if protocol else [required(f"{path}.protocol")]
    found += port(f"{path}.targetPort", one.get("targetPort", 0))
    if "appProtocol" in one:
        found += named(f"{path}.appProtocol", one["appProtocol"], names.qualified_name)
    if one.get("nodePort", 0) < 0:
        found += [invalid(f"{path}.nodePort", one["nodePort"], names.in_range(0, 65535))]
    return found


def _twice(path: str, given: list[Document]) -> list[FieldError]:
    """Refuse a second node port, then a second port, of the same number and protocol."""
    found = []
    for key in ("nodePort", "port"):
        seen: set[tuple[str, int]] = set()
        for where, one in indexed(path, given):
            pair = (one.get("protocol", ""), one.get(key, 0))
            if pair[1] and pair in seen:
                found.append(duplicate(where, _shown(pair[0], {key: pair[1]})))
            seen.add(pair)
    return found


def _shown(protocol: str, number: dict[str, int]) -> GoText:
    """Return a port of which only protocol and one number are known, as Go prints it."""
    target = 'intstr.IntOrString{Type:0, IntVal:0, StrVal:""}'
    return GoText(
        f'core.ServicePort{{Name:"", Protocol:{quote(protocol)}, AppProtocol:(*string)(nil), '
        f"Port:{number.get('port', 0)}, TargetPort:{target}, NodePort:{number.get('nodePort', 0)}}}"
    )
