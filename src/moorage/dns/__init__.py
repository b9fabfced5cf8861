"""Cluster DNS on the node: authoritative for the cluster's zone, forwarding for the rest.

In: Services and EndpointSlices, as views. Out: answers over UDP and TCP. Rules: kubernetes/dns specification 1.1.0.
"""
