"""One rule a file: how good is each node that can take the pod? `score(snapshot, nodes)` gives 0 to 100 for each.

In: `Snapshot`, the nodes that passed every filter. Out: one number a node, in order. Pure. `scheduler.rules` weighs them.
"""

MOST = 100.0
"""The best a rule gives."""
