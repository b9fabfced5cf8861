"""House rules that the machine checks on every Python file: size, names, nesting, docstrings."""

import ast
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXEMPT = ("tests/fixtures/", "/generated/")
MAX_FILE_LINES, MEDIAN_FILE_LINES = 500, 160
MAX_FUNCTION_LINES, MEDIAN_FUNCTION_LINES = 60, 9
MAX_NESTING = 3
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
# `with` is a frame around work, not a branch in it.
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def tracked_files() -> list[Path]:
    """Return the project's own Python files."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [ROOT / name for name in listed if not any(part in f"/{name}" for part in EXEMPT) and (ROOT / name).exists()]


FILES = tracked_files()
TREES = {path: ast.parse(path.read_text()) for path in FILES}


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function of the project."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                yield path, node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has, signature and docstring left out."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def depth(node: ast.AST, level: int = 0) -> int:
    """Return how deep blocks nest below `node`; `elif` counts as its `if`."""
    deepest = level
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, (*FUNCTIONS, ast.ClassDef)):
                continue
            is_elif = isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If) and len(value) == 1
            inside = isinstance(child, BLOCKS) and not is_elif
            deepest = max(deepest, depth(child, level + inside))
    return deepest


def test_files_are_short() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE_LINES} == {}
    assert statistics.median(sizes.values()) <= MEDIAN_FILE_LINES


def test_functions_are_short() -> None:
    sizes = {f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": body_lines(node) for path, node in functions()}
    assert {name: size for name, size in sizes.items() if size > MAX_FUNCTION_LINES} == {}
    assert statistics.median(sizes.values()) <= MEDIAN_FUNCTION_LINES


def test_blocks_do_not_nest_deeply() -> None:
    deep = [f"{path.relative_to(ROOT)}:{node.lineno}" for path, node in functions() if depth(node) > MAX_NESTING]
    assert deep == []


@pytest.mark.parametrize("rule", ["docstring", "name"])
def test_modules_say_what_they_are(rule: str) -> None:
    bad = {
        "docstring": [path for path in FILES if not ast.get_docstring(TREES[path]) and path.read_text().strip()],
        "name": [path for path in FILES if path.stem in BANNED_NAMES],
    }[rule]
    assert [str(path.relative_to(ROOT)) for path in bad] == []


def test_nothing_names_this_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    banned = ("/wo" + "rk/", "/ro" + "ot/", "pypi." + "org", "deb." + "debian.org")
    texts = {name: (ROOT / name).read_bytes() for name in listed if (ROOT / name).is_file()}
    bad = [(name, word) for name, text in texts.items() for word in banned if word.encode() in text]
    assert bad == []
