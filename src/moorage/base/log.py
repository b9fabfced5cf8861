"""Structured logging: one line per event, `key=value` after the message.

In: a name and fields. Out: `logger(name)`, whose methods take fields as keywords.
"""

import json
import logging
import sys
from typing import Any, TextIO


class Logger:
    """A named logger whose extra keywords become `key=value` fields."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"moorage.{name}")

    def debug(self, message: str, **fields: Any) -> None:
        """Log what only a developer wants."""
        self._write(logging.DEBUG, message, fields)

    def info(self, message: str, **fields: Any) -> None:
        """Log what an operator wants in normal times."""
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        """Log what may need a look."""
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, error: BaseException | None = None, **fields: Any) -> None:
        """Log what needs a look; `error` adds its traceback."""
        self._write(logging.ERROR, message, fields, error)

    def _write(self, level: int, message: str, fields: dict[str, Any], error: BaseException | None = None) -> None:
        if self._logger.isEnabledFor(level):
            text = " ".join([message, *(f"{key}={_plain(value)}" for key, value in fields.items())])
            self._logger.log(level, "%s", text, exc_info=error)


def logger(name: str) -> Logger:
    """Return the logger of the room `name`."""
    return Logger(name)


def configure(stream: TextIO | None = None, *, verbose: bool = False) -> None:
    """Send records to `stream` (standard error unless given); `verbose` includes debug records."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname).1s %(name)s %(message)s"))
    root = logging.getLogger("moorage")
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    root.propagate = False


def silence() -> None:
    """Send no records anywhere, as a simulation does that plays a thousand failures a second."""
    logging.getLogger("moorage").setLevel(logging.CRITICAL + 1)


def _plain(value: Any) -> str:
    text = str(value)
    return json.dumps(text) if any(character in text for character in ' "\n=') else text
