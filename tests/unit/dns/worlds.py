"""Services and slices for DNS tests."""

import msgspec

from moorage.api.refs import ObjectKey
from moorage.api.views.network import EndpointSlice, Service
from moorage.dns.zone import Zone

KEY = ObjectKey("default", "web")
HEADLESS = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}


def service(document: object) -> Service:
    """Return a Service view."""
    return msgspec.convert(document, Service)


def pods(count: int, *, ready: bool | None = True) -> EndpointSlice:
    """Return a slice of `count` pods web-0, web-1, … at 10.42.0.1, 10.42.0.2, …"""
    endpoints = [
        {"addresses": [f"10.42.0.{index + 1}"], "hostname": f"web-{index}", "conditions": {"ready": ready}}
        for index in range(count)
    ]
    document = {"addressType": "IPv4", "ports": [{"name": "http", "port": 80}], "endpoints": endpoints}
    return msgspec.convert(document, EndpointSlice)


def zone(count: int = 2) -> Zone:
    """Return a zone with a headless Service of `count` pods."""
    made = Zone("cluster.local")
    made.replace(KEY, service(HEADLESS), [pods(count)])
    return made
