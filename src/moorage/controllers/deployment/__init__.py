"""The Deployment controller: replica sets of one template after another, replaced step by step.

In: caches of Deployments, replica sets and pods. Out: plans for `reconcile.apply`. Upstream: pkg/controller/deployment (1.32).
"""
