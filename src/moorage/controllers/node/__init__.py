"""Node life cycle: a silent node is marked, tainted, and its pods stop counting as ready. No pod is ever removed here.

In: nodes, leases, pods. Out: plans (`build`). Source: facts/reliability.md F.3, ND1-ND3; upstream's node-lifecycle controller.
"""

from moorage.controllers.node.controller import build

__all__ = ["build"]
