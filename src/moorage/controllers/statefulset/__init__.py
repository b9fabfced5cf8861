"""The StatefulSet controller: pods with a fixed name, created, scaled, updated and deleted in order.

In: caches of sets, pods, claims and revisions. Out: plans for `reconcile.apply`.
Specification: facts/statefulset.md section 1; laws: facts/reliability.md section B.
"""
