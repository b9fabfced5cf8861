"""The DaemonSet controller: one pod on every node that fits.

In: caches of daemon sets, pods, revisions and nodes. Out: plans for `reconcile.apply`. Upstream: pkg/controller/daemon (1.32).
"""
