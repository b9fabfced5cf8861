"""EndpointSlices: where the pods of a Service are.

In: Services, Pods, Nodes, the slices there are. Out: plans (`build`). Source: facts/statefulset.md 6.2.
"""

from moorage.controllers.endpointslice.controller import build

__all__ = ["build"]
