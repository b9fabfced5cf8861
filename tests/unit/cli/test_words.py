"""Words of command lines: Go's boolean flags, durations, DNS names, image references, quotes of YAML."""

import argparse

import pytest

from moorage.base.errors import UserError
from moorage.cli import durations, flags
from moorage.cli.output import answers, documents, formats, images, tabs
from moorage.dns import names
from moorage.dns.client import Answer, Line
from moorage.dns.message import Type
from moorage.nodeagent.ports import RuntimeImage


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(exit_on_error=False)
    made.add_argument("what", nargs="+")
    made.add_argument("-n", default="")
    made.add_argument("--force", action="store_true")
    flags.boolean(made, "-w", "--watch", default="true", text="")
    return made


@pytest.mark.parametrize(
    ("line", "what", "force", "watch"),
    [
        ("sts -n x web", ["sts", "web"], False, "true"),
        ("-w sts/web --force=true", ["sts/web"], True, "true"),
        ("sts/web --watch=false --force=false", ["sts/web"], False, "false"),
    ],
)
def test_flags_and_words_mix(line: str, what: list[str], *, force: bool, watch: str) -> None:
    args = flags.parse(parser(), line.split())
    assert (args.what, args.force, args.watch, args.rest) == (what, force, watch, [])


def test_what_follows_two_dashes_is_another_programs() -> None:
    args = flags.parse(parser(), ["pod", "-n", "x", "--", "ls", "--", "-w", "--force=false"])
    assert (args.what, args.n, args.rest) == (["pod"], "x", ["ls", "--", "-w", "--force=false"])


@pytest.mark.parametrize(("text", "seconds"), [("5s", 5), ("1m30s", 90), ("1.5h", 5400), ("0", 0), ("250ms", 0.25)])
def test_durations(text: str, seconds: float) -> None:
    assert durations.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "s", "5x", "-5s"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(UserError, match="invalid duration"):
        durations.seconds(text)


def test_short_names_are_completed_as_in_a_pod() -> None:
    shown = [names.show(name) for name in answers.candidates("web-0.web", "prod", "cluster.local")]
    assert shown == [
        "web-0.web.prod.svc.cluster.local.", "web-0.web.svc.cluster.local.", "web-0.web.cluster.local.", "web-0.web.",
    ]  # fmt: skip
    assert answers.candidates("a.b.", "prod", "cluster.local") == [("a", "b")]
    assert answers.candidates("web.x.svc.cluster.local", "p", "cluster.local") == [
        names.parse("web.x.svc.cluster.local")
    ]
    assert answers.candidates("a.b.c.d.e.f", "p", "cluster.local")[0] == tuple("abcdef")


def test_answers_look_like_digs() -> None:
    name = names.parse("web.default.svc.cluster.local")
    found = Answer(
        1, 0, authoritative=True, truncated=False, answers=(Line(name, 33, 5, "0 50 80 x."), Line(name, 99, 5, "\\# 0"))
    )
    assert answers.show(found, name, Type.SRV, ("10.43.0.10", 53)).splitlines() == [
        ";; status: NOERROR, flags: qr aa, server: 10.43.0.10#53",
        ";; question: web.default.svc.cluster.local. IN SRV",
        "",
        ";; answer",
        "web.default.svc.cluster.local.  5  IN  SRV     0 50 80 x.",
        "web.default.svc.cluster.local.  5  IN  TYPE99  \\# 0",
    ]


def test_types_codes_and_addresses() -> None:
    assert (answers.type_of("srv"), answers.code_name(3), answers.code_name(9)) == (Type.SRV, "NXDOMAIN", "RCODE9")
    assert names.show(answers.reverse("10.42.0.5")) == "5.0.42.10.in-addr.arpa."
    for wrong in (lambda: answers.type_of("X"), lambda: answers.reverse("web")):
        with pytest.raises(UserError):
            wrong()


def test_image_rows() -> None:
    found = [
        RuntimeImage("sha256:" + "ab" * 32, ("host:5000/a:v2", "b"), (), 4_262_000),
        RuntimeImage("cd" * 32, (), ("c@sha256:00",), 999),
    ]
    assert images.rows(found) == [
        ["IMAGE", "TAG", "IMAGE ID", "SIZE"],
        ["b", "<none>", "ababababababa", "4.26MB"],
        ["c", "<none>", "cdcdcdcdcdcdc", "999B"],
        ["host:5000/a", "v2", "ababababababa", "4.26MB"],
    ]


def test_columns_are_runs_of_neighbouring_lines() -> None:
    text = "a:\tx\nlonger:\ty\nplain\nb:\tz\tw\n\tv\tu"
    assert tabs.align(text) == "a:       x\nlonger:  y\nplain\nb:  z  w\n    v  u"


def test_yaml_quotes_what_would_read_as_something_else() -> None:
    values = {"a": "0", "b": "true", "c": "", "d": "x: y", "e": "y", "f": "plain", "g": "one\ntwo\n", "h": "1Gi"}
    assert documents.as_yaml(values) == (
        'a: "0"\nb: "true"\nc: ""\nd: \'x: y\'\ne: "y"\nf: plain\ng: |\n  one\n  two\nh: 1Gi'
    )


def test_formats_that_do_not_exist_are_refused_before_anything_is_asked() -> None:
    for output in ("foo", "jsonpath", "jsonpath={.a", "custom-columns=A", "jsonpath-file=/nope"):
        with pytest.raises(UserError):
            formats.check(output)
    assert formats.text("jsonpath={.kind}", {"kind": "Pod"}) == "Pod"


@pytest.mark.parametrize(
    "words",
    [
        ("-n", "x", "get", "pods"),
        ("--namespace=x", "--context", "c", "get", "pods"),
        ("get", "pods", "-n", "x"),
    ],
)
def test_global_flags_may_stand_before_the_verb(words: tuple[str, ...]) -> None:
    assert flags.verb_first(words)[:1] == ["get"]
    assert sorted(flags.verb_first(words)) == sorted(words)
