"""moorage: a Kubernetes-API-compatible runtime for stateful applications.

Start reading at `assembly`, the only room that constructs; `ARCHITECTURE.md` names the others.
"""

__version__ = "0.1.0"
