"""Volumes on demand: a claim in, a PersistentVolume out.

In: claims annotated for one of our provisioners. Out: volumes, and their removal when the reclaim policy says so.
"""
