"""A set that sleeps: no pods, while `spec.replicas` and all claims stay as they are (`moorage.dev/hibernate`).

In: `Situation`, whose set wants no pods (`spec.read`). Out: `Progress`. Beyond Kubernetes.
"""

from moorage.controllers.statefulset import gates
from moorage.controllers.statefulset.situation import Progress, Situation


def tell(situation: Situation) -> Progress:
    """Say what the set would have if it were awake."""
    return Progress(gates=(gates.hibernating(situation, len(situation.spec.awake)),))
