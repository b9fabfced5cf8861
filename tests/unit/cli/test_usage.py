"""A wrong command line gets kubectl's sentence and a pointer to the help, never a block of usage."""

import pytest

from moorage.base.errors import UsageError
from moorage.cli import flags
from moorage.cli.usage import Parser


def parser() -> Parser:
    made = Parser(prog="moor scale")
    made.add_argument("what", nargs="+")
    made.add_argument("-n", "--namespace")
    made.add_argument("--replicas", type=int, required=True)
    made.add_argument("--dry-run", choices=("none", "server"))
    return made


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sts web --replicas=1 --frobnicate=x", "unknown flag: --frobnicate"),
        ("sts web --replicas=1 -z", "unknown shorthand flag: 'z' in -z"),
        ("sts web", 'required flag(s) "replicas" not set'),
        ("--replicas=1", "required arguments not given: what"),
        ("sts web --replicas=1 -n", "flag needs an argument: --namespace"),
        (
            "sts web --replicas x",
            'invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax',
        ),
        (
            "sts web --replicas 1 --dry-run x",
            "invalid argument \"x\" for \"--dry-run\" flag: must be one of 'none', 'server'",
        ),
    ],
)
def test_wrong_usage_is_told_as_kubectl_tells_it(line: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        flags.parse(parser(), line.split())
    assert str(raised.value) == f"{said}\nSee 'moor scale --help' for usage."
