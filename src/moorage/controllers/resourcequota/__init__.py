"""The quota controller: how much of each ResourceQuota is used.

In: caches of every kind that lives in namespaces. Out: plans for `reconcile.apply`. The API server refuses what does not fit
(`apiserver.quotas`). Upstream: pkg/controller/resourcequota (1.32).
"""
