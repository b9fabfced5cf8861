"""What is said about a wrong command line: kubectl's sentences in place of argparse's.

In: argparse's message. Out: `UsageError` with kubectl's sentence and its pointer to `--help` (the texts of spf13/cobra and
spf13/pflag).
"""

import argparse
import re
from typing import Final, NoReturn

from moorage.base.errors import UsageError

# What argparse says, what kubectl says; the first that fits counts.
_SENTENCES: Final[tuple[tuple[str, str], ...]] = (
    (r"unrecognized arguments: (?:[^-]\S* )*(--[^\s=]+).*", r"unknown flag: \1"),
    (r"unrecognized arguments: (?:[^-]\S* )*-(\w)(\S*).*", r"unknown shorthand flag: '\1' in -\1\2"),
    (r"unrecognized arguments: (.*)", r"unexpected arguments: \1"),
    (r"the following arguments are required: --([\w-]+).*", r'required flag(s) "\1" not set'),
    (r"the following arguments are required: (.*)", r"required arguments not given: \1"),
    (r"argument (?:\S+/)?(-\S+): expected (?:one|at least one) argument", r"flag needs an argument: \1"),
    (
        r"argument (?:\S+/)?(-\S+): invalid int value: '(.*)'",
        r'invalid argument "\2" for "\1" flag: strconv.ParseInt: parsing "\2": invalid syntax',
    ),
    (
        r"argument (?:\S+/)?(-\S+): invalid choice: '(.*)' \(choose from (.*)\)",
        r'invalid argument "\2" for "\1" flag: must be one of \3',
    ),
)


class Parser(argparse.ArgumentParser):
    """A parser of one command's words that raises `UsageError` where argparse prints a block and exits."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError for argparse's `message`."""
        raise UsageError(f"{sentence(message)}\nSee '{self.prog} --help' for usage.")


def sentence(message: str) -> str:
    """Return kubectl's sentence for a message of argparse, or the message where kubectl has none."""
    for pattern, said in _SENTENCES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return found.expand(said)
    return message
