"""What the runtime remembers for the agent: annotations given at creation and read back after a restart.

In: pods and container attempts. Out: annotation maps, and the facts read from them. The agent keeps no state file.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api.refs import Document
from moorage.nodeagent.podspec import Pod, remembered

POD = "moorage.dev/pod"
SANDBOX_ATTEMPT = "moorage.dev/sandbox-attempt"
RESTART_DELAY = "moorage.dev/restart-delay"
SPEC_HASH = "moorage.dev/container-hash"


@dataclass(frozen=True, slots=True)
class ContainerMarks:
    """What a container was created with.

    Args:
        sandbox_attempt: attempt of the sandbox it belongs to.
        restart_delay: back-off that was waited before it was created, seconds; 0 for a first start.
        spec_hash: see `spec_hash`.
    """

    sandbox_attempt: int = 0
    restart_delay: float = 0.0
    spec_hash: str = ""

    def annotations(self) -> dict[str, str]:
        """Return the form the runtime keeps."""
        return {
            SANDBOX_ATTEMPT: str(self.sandbox_attempt),
            RESTART_DELAY: f"{self.restart_delay:g}",
            SPEC_HASH: self.spec_hash,
        }


def container_marks(annotations: Mapping[str, str]) -> ContainerMarks:
    """Return what a container was created with."""
    return ContainerMarks(
        int(annotations.get(SANDBOX_ATTEMPT, "0")),
        float(annotations.get(RESTART_DELAY, "0")),
        annotations.get(SPEC_HASH, ""),
    )


def sandbox_annotations(pod: Pod) -> dict[str, str]:
    """Return the annotations of a pod's sandbox: the pod itself."""
    return {POD: json.dumps(remembered(pod), separators=(",", ":"))}


def pod_of(annotations: Mapping[str, str]) -> Document | None:
    """Return the pod a sandbox was made for, None for one that is not ours."""
    text = annotations.get(POD)
    found: Document | None = json.loads(text) if text else None
    return found


def spec_hash(name: str, image: str) -> str:
    """Return what changes when a running container has to be replaced: only its image may change in a live pod."""
    return hashlib.sha256(f"{name}\0{image}".encode()).hexdigest()[:16]


def text_hash(value: Any) -> str:
    """Return a short hash of a JSON value, the same for equal values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]
