"""Where upstream versions differ: one switch a rule, the newest being the default.

In: nothing. Out: `Rules`, `NEWEST`, `V1_28` with which the recorded traces of 1.28.7 pass, and both by name.
Source: facts/statefulset.md 1.6-1.10, 3.1; listed in docs/deviations.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """One switch a rule.

    Args:
        replace_failed_at_once: create the successor of a Failed or Succeeded pod in the pass that deletes it, with
            RecreatingFailedPod events (to 1.30). Newest: wait until the old object is gone.
        availability_counts: what is not available for minReadySeconds counts as unhealthy (1.34, #130909).
        parallel_two_phases: Parallel replaces broken old pods regardless of maxUnavailable (1.37, #137666).
        on_delete_completes: currentRevision moves for OnDelete too (1.37, #136833).
        controller_refs: owner references on claims are controller references; foreign controllers are respected (1.30).
        watches_claims: a changed claim wakes its set. No upstream version does; ours goes on by itself (1.14).
        extensions: annotations under `moorage.dev/` are obeyed (`options`); off with `moor up --strict`.
    """

    replace_failed_at_once: bool = False
    availability_counts: bool = True
    parallel_two_phases: bool = True
    on_delete_completes: bool = True
    controller_refs: bool = True
    watches_claims: bool = True
    extensions: bool = True


NEWEST = Rules()
V1_28 = Rules(
    replace_failed_at_once=True,
    availability_counts=False,
    parallel_two_phases=False,
    on_delete_completes=False,
    controller_refs=False,
    watches_claims=False,
    extensions=False,
)
VERSIONS: Mapping[str, Rules] = {"newest": NEWEST, "1.28": V1_28}
"""By the word a user chooses with `moor up --statefulset-rules`."""
