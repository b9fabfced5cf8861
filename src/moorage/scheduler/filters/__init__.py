"""One rule a file: may the pod go to this node? Each has `check(snapshot) -> Verdict`; `scheduler.rules` orders them.

In: `Snapshot`. Out: `Verdict`. Pure. Texts: Kubernetes 1.32, pkg/scheduler/framework/plugins.
"""
