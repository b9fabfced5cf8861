"""DefaultTolerationSeconds: a pod stays five minutes on a node that is not ready or cannot be reached.

In: pods, also changed ones. Out: two tolerations, unless the pod says something about those taints itself.
Rules: plugin/pkg/admission/defaulttolerationseconds upstream.
"""

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import items, own

TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_SECONDS = 300


def check(write: Write, _world: World) -> None:
    """Add the tolerations that are missing."""
    spec = own(write.new, "spec")
    present = items(spec, "tolerations")
    missing = [_toleration(taint) for taint in TAINTS if not any(_concerns(one, taint) for one in present)]
    if missing:
        spec["tolerations"] = [*present, *missing]


def _concerns(toleration: Document, taint: str) -> bool:
    return toleration.get("key", "") in ("", taint) and toleration.get("effect", "") in ("", "NoExecute")


def _toleration(taint: str) -> Document:
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _SECONDS}


GATE = Gate("DefaultTolerationSeconds", check, (scheme.PODS,), operations=("CREATE", "UPDATE"))
