"""Which gates there are, in the order a write passes them.

In: one module a gate. Out: `GATES`.
"""

from moorage.apiserver.admission import (
    claimresize,
    claimtemplates,
    escalation,
    governingservice,
    namespacelifecycle,
    noderestriction,
    objectinuse,
    priority,
    serviceaccount,
    storageclass,
    tolerationseconds,
)
from moorage.apiserver.admission.ports import Gate

GATES: tuple[Gate, ...] = (
    namespacelifecycle.GATE,
    serviceaccount.GATE,
    noderestriction.GATE,
    priority.GATE,
    tolerationseconds.GATE,
    storageclass.GATE,
    objectinuse.GATE,
    claimresize.GATE,
    claimtemplates.GATE,
    claimtemplates.HINT,
    governingservice.GATE,
    escalation.GATE,
)
