"""The one exception tree: an error's class says whose fault it is and whether a retry can help.

    MoorageError
    ├── UserError            the user can mend it; the text says how; never retried
    │   └── UsageError       the command line itself is wrong (exit code 2)
    ├── ApiError             an answer of the API other than success; carries the `Status`
    ├── StoreError           the store refused or failed (subclasses in `store.ports`)
    ├── Unavailable          the other side cannot answer now; retry with back-off
    ├── RuntimeFailure       the container runtime or the kernel refused; shown in a pod's status
    └── Bug                  a promise of our own code was broken; stop, do not guess

In: nothing. Out: the classes. Every `except` names one of them.
"""

from collections.abc import Mapping
from typing import Any


class MoorageError(Exception):
    """Root of everything raised on purpose."""


class UserError(MoorageError):
    """The user can mend it. The text is one line and says what to do next."""

    exit_code = 1


class UsageError(UserError):
    """The command line is wrong. A second line may point to the help, as kubectl's does."""

    exit_code = 2


class StoreError(MoorageError):
    """The store refused or failed."""


class Unavailable(MoorageError):
    """The other side cannot answer now; try again later."""


class RuntimeFailure(MoorageError):
    """The container runtime, a plugin or the kernel refused.

    Args:
        reason: CamelCase word for the pod's status, e.g. `ErrImagePull`.
        message: one line for people.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class Bug(MoorageError):
    """A promise of our own code was broken."""


class ApiError(MoorageError):
    """An answer of the API other than success.

    Args:
        status: the `Status` document (apiVersion v1) as on the wire: `code`, `reason`, `message`, `details`.
    """

    def __init__(self, status: Mapping[str, Any]) -> None:
        super().__init__(status.get("message") or status.get("reason") or "unknown error")
        self.status = status

    @property
    def code(self) -> int:
        """HTTP status code, e.g. 409."""
        return int(self.status.get("code", 500))

    @property
    def reason(self) -> str:
        """Machine-readable CamelCase reason, e.g. `Conflict`, `AlreadyExists`, `NotFound`, `Expired`."""
        return str(self.status.get("reason", ""))

    @property
    def message(self) -> str:
        """The sentence for people."""
        return str(self.status.get("message", ""))
