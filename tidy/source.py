"""Decides what counts as our source: every Python file of the package, but migrations."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "goodterms"


@cache
def files(*, tests: bool = False) -> tuple[Path, ...]:
    """Files of the package; those of tests only when asked for."""
    found = (path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts)
    return tuple(path for path in found if tests or "tests" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
