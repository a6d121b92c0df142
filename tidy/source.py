"""Decides what counts as our source: every Python file of the package, but migrations."""

import ast
from collections.abc import Callable, Iterable, Iterator
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


def faulty(paths: Iterable[Path], faults: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """What is wrong, file by file; a rule is one test over all of them, a thousand tests would take longer."""
    found = {name(path): faults(path) for path in paths}
    assert found, "there is no such file, so nothing was looked at"
    return {path: said for path, said in found.items() if said}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
