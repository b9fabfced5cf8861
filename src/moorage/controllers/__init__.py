"""Controllers: data and pure functions, one folder or file a kind. `reconcile.loop` runs them all.

In: caches, as snapshots. Out: plans. No module here awaits. `assembly` lists them (`controllers` do not know each other).
"""
