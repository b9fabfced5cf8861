"""The ReplicaSet controller: as many pods as asked for, no matter which.

In: caches of replica sets and pods. Out: plans for `reconcile.apply`. Upstream: pkg/controller/replicaset (1.32).
"""
