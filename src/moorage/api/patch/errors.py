"""The one error of patches.

In: nothing. Out: `PatchError`, which says what the API server answers.
"""

from typing import Literal

from moorage.base.errors import MoorageError

PatchReason = Literal["BadRequest", "Unprocessable", "Internal", "TooLarge"]
_CODES: dict[PatchReason, int] = {"BadRequest": 400, "Unprocessable": 422, "Internal": 500, "TooLarge": 413}


class PatchError(MoorageError):
    """The patch does not parse or does not apply.

    Args:
        reason: whose fault: BadRequest (400), Unprocessable (422: upstream's generic answer without details),
            TooLarge (413), Internal (500: where upstream answers so to a bad patch).
        text: upstream's sentence.
    """

    def __init__(self, reason: PatchReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text

    @property
    def code(self) -> int:
        """HTTP status code of the answer."""
        return _CODES[self.reason]
