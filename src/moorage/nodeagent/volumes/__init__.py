"""Volumes of pods: made ready before containers start, refreshed while they run, given back when they are gone.

In: pods, the objects their volumes name. Out: host paths for bind mounts. Nothing here follows a path out of its root.
"""
