"""Pod: the unit that runs on a node.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/core/pod (strategy), pkg/apis/core/validation; its Table is in `podtable`.
"""

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.apiserver.defaulting.pod import default_pod
from moorage.apiserver.documents import items, keep, own, part
from moorage.apiserver.kinds import podtable
from moorage.apiserver.kinds.podqos import quality
from moorage.apiserver.strategy import Strategy, status_settles_spec
from moorage.apiserver.validation import pod as rules
from moorage.apiserver.warnings import podspec as warnings

_FINAL = ("Succeeded", "Failed")


def default(document: Document) -> None:
    """Fill the spec and the addresses."""
    default_pod(own(document, "spec"))
    default_status(document)


def default_status(document: Document) -> None:
    """Let a single address that differs from the list's first stand for the whole list."""
    status = own(document, "status")
    for one, many in (("podIP", "podIPs"), ("hostIP", "hostIPs")):
        addresses = [address.get("ip") for address in items(status, many)]
        if status.get(one) and status[one] not in addresses[:1]:
            status[many] = [{"ip": status[one]}]
        elif addresses:
            status[one] = addresses[0]


def prepare_create(document: Document) -> None:
    """Start pending, with the quality of service of its resources; gated pods say so."""
    status: Document = {"phase": "Pending", "qosClass": quality(part(document, "spec"))}
    if items(document, "spec", "schedulingGates"):
        status["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": None,
                "reason": podtable.GATED,
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]
    document["status"] = status


def prepare_update(new: Document, old: Document) -> None:
    """Only `/status` changes the status."""
    keep(new, old, "status")


def prepare_status(new: Document, old: Document) -> None:
    """Spec, deletion and owners stay."""
    keep(new, old, "spec")
    metadata, before = own(new, "metadata"), part(old, "metadata")
    for key in ("ownerReferences", "deletionTimestamp", "deletionGracePeriodSeconds"):
        keep(metadata, before, key)


def default_grace(document: Document) -> int:
    """Return how long a plain delete waits: unscheduled and finished pods go at once."""
    spec = part(document, "spec")
    if not spec.get("nodeName") or part(document, "status").get("phase") in _FINAL:
        return 0
    grace: int = spec.get("terminationGracePeriodSeconds") or 0
    return grace if grace >= 0 else 1


def fields(document: Document) -> dict[str, str]:
    """Return what it can be selected by."""
    spec, status = part(document, "spec"), part(document, "status")
    found = {f"spec.{key}": spec.get(key, "") for key in _SPEC_FIELDS}
    found["spec.hostNetwork"] = str(bool(spec.get("hostNetwork"))).lower()
    found["status.phase"] = status.get("phase", "")
    found["status.nominatedNodeName"] = status.get("nominatedNodeName", "")
    addresses = [address.get("ip", "") for address in items(status, "podIPs")]
    found["status.podIP"] = addresses[0] if addresses else status.get("podIP", "")
    found["status.podIPs"] = ",".join(addresses)
    return found


_SPEC_FIELDS = ("nodeName", "restartPolicy", "schedulerName", "serviceAccountName")

STRATEGY = Strategy(
    scheme.PODS,
    default=default,
    default_status=default_status,
    settled=status_settles_spec,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=rules.created,
    validate_update=rules.updated,
    validate_status=rules.status_updated,
    warnings=warnings.of_pod,
    columns=podtable.COLUMNS,
    row=podtable.row,
    row_conditions=podtable.row_conditions,
    fields=fields,
    has_status=True,
    default_grace=default_grace,
)
