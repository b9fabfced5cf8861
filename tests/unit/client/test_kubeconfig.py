"""Reading kubeconfig files as kubectl does, and writing ours."""

import json
from pathlib import Path

import pytest

from moorage.base.errors import UserError
from moorage.client import kubeconfig
from moorage.client.kubeconfig import Access

FOREIGN = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://example:6443", certificate-authority: ca.crt}}]
users: [{name: u, user: {token: secret}}]
contexts:
- {name: one, context: {cluster: c, user: u, namespace: prod}}
- {name: two, context: {cluster: c, user: u}}
current-context: one
"""


def test_ours_can_be_read_back(tmp_path: Path) -> None:
    access = Access("https://127.0.0.1:6443", "default", b"CA", b"CERT", b"KEY")
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(kubeconfig.document("moorage", access)))
    assert kubeconfig.load([path]) == access


def test_a_foreign_file_with_yaml_and_relative_paths(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(FOREIGN)
    (tmp_path / "ca.crt").write_bytes(b"CA")
    access = kubeconfig.load([tmp_path / "config"])
    assert (access.server, access.namespace, access.authority, access.token) == (
        "https://example:6443", "prod", b"CA", "secret",
    )  # fmt: skip
    assert kubeconfig.load([tmp_path / "config"], "two").namespace == "default"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "is not a kubeconfig"),
        ("[]", "expected a mapping"),
        ("{}", "no current-context"),
        ('{"current-context": "x"}', "has no context named 'x'"),
    ],
)
def test_broken_files_say_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(UserError, match=message):
        kubeconfig.load([tmp_path / "config"])


def test_no_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Start one with: moor up"):
        kubeconfig.load([tmp_path / "absent"])


def test_which_files_are_read(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.touch()
    assert kubeconfig.find("x", {"KUBECONFIG": "y"}, own) == [Path("x")]
    assert kubeconfig.find("", {"KUBECONFIG": "y"}, own) == [Path("y")]
    assert kubeconfig.find("", {"HOME": str(tmp_path)}, own) == [own]
