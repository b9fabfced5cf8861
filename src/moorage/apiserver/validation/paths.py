"""Validation of file paths that users give.

In: paths inside volumes and of hosts. Out: errors. Rules: pkg/apis/core/validation (validateLocalDescendingPath and siblings).
"""

from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import invalid

NO_BACKSTEPS = "must not contain '..'"
_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_LARGEST_MODE = 0o777


def has_backsteps(text: str) -> bool:
    """Return whether a path has a step up."""
    return ".." in text.split("/")


def no_backsteps(path: str, text: str) -> list[FieldError]:
    """Refuse steps up."""
    return [invalid(path, text, NO_BACKSTEPS)] if has_backsteps(text) else []


def descending(path: str, text: str) -> list[FieldError]:
    """Require a relative path without steps up."""
    found = [invalid(path, text, "must be a relative path")] if text.startswith("/") else []
    return found + no_backsteps(path, text)


def not_reserved(path: str, text: str) -> list[FieldError]:
    """Require a relative path without steps up that does not start with two dots either."""
    found = descending(path, text)
    if text.startswith("..") and not text.startswith("../") and text != "..":
        found.append(invalid(path, text, "must not start with '..'"))
    return found


def absolute(path: str, text: str) -> list[FieldError]:
    """Require an absolute path."""
    return [] if text.startswith("/") else [invalid(path, text, "must be an absolute path")]


def file_mode(path: str, mode: int | None) -> list[FieldError]:
    """Check permission bits, if there are any."""
    return [invalid(path, mode, _MODE)] if mode is not None and not 0 <= mode <= _LARGEST_MODE else []
