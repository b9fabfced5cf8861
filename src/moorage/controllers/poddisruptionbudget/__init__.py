"""The disruption controller: how many pods of each PodDisruptionBudget an eviction may take away now.

In: caches of budgets, pods and what owns them. Out: plans for `reconcile.apply`. The API server spends what is allowed
(`apiserver.subresources.eviction`). Upstream: pkg/controller/disruption (1.32).
"""
