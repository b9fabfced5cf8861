"""The process that makes a node's pods real: Kubernetes calls it kubelet.

In: pods bound to this node, from the API over HTTPS. Out: sandboxes, containers, volumes; pod status back to the API.
What runs containers is behind `nodeagent.ports`: `nodeagent.cri` (containerd) or `sim.runtime`.
"""
