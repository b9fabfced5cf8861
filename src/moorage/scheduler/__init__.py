"""Chooses a node for each pod, and says per node why not.

In: pods without a node, nodes, claims and volumes, as views. Out: bindings, conditions, events.
"""
