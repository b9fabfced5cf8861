"""Caches that follow the API by list and watch; one per resource and process, shared by all who read it.

In: a `client`. Out: `Caches`, read without awaiting by snapshots.
"""
