"""Words of a command line as Go programs take them, for argparse.

In: a parser and words. Out: the parsed flags. kubectl's users mix flags and words, write `--watch=false` as well as `--watch`,
and put another program's words after `--`.
"""

import argparse
from collections.abc import Sequence

_BOOLEAN = ("true", "false")
_GLOBAL = ("-n", "--namespace", "--kubeconfig", "--context")
"""Flags with a value that kubectl takes before the verb too."""


def boolean(parser: argparse.ArgumentParser, *names: str, default: str = "true", text: str) -> None:
    """Add a flag that is on or off: `--x`, `--x=true`, `--x=false`; its value is one of the two words."""
    parser.add_argument(*names, choices=_BOOLEAN, default=default, help=text)


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Return the flags; `args.rest` holds what follows `--`, untouched."""
    end = words.index("--") if "--" in words else len(words)
    args = parser.parse_intermixed_args([spelt for word in words[:end] for spelt in _spelt(parser, word)])
    args.rest = list(words[end + 1 :])
    return args


def verb_first(words: Sequence[str]) -> list[str]:
    """Return the words with leading global flags behind the verb; as they are where no verb follows."""
    at = 0
    while at < len(words) and words[at].partition("=")[0] in _GLOBAL:
        at += 1 if "=" in words[at] else 2
    return [words[at], *words[:at], *words[at + 1 :]] if at < len(words) else list(words)


def _spelt(parser: argparse.ArgumentParser, word: str) -> list[str]:
    """Return a boolean flag in the one spelling that its action takes; any other word as it is."""
    name, equals, value = word.partition("=")
    action = parser._option_string_actions.get(name)  # argparse has no public way to look an option up
    if action is None:
        return [word]
    if not equals and action.choices == _BOOLEAN:
        return [f"{name}=true"]
    if equals and action.nargs == 0 and value in _BOOLEAN:
        return [name] if value == "true" else []
    return [word]
