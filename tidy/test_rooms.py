"""Each thing is in its room: writes in actions, a purpose in every first line, no room that means everything."""

import ast
import re
from pathlib import Path

from tidy.source import PACKAGE, ROOT, faulty, files, name, tree

BANNED = {
    "utils", "util", "helpers", "helper", "common", "core", "base", "services", "service", "managers", "signals", "mixins",
    "exceptions", "constants", "misc", "tools",
}  # fmt: skip
WRITES = {"save", "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create"}
WRITING_SQL = re.compile(r"^\s*(with\b.*?\b)?(insert into|update \w+|delete from)\b", re.I | re.S)
# Where rows are written beside actions: the floor that keeps rows at all. Rooms that know no rows (.importlinter keeps them
# from Django) have none to write: what they save is a PDF.
WRITERS = ("database/",)
ROWLESS = ("einvoices/", "papers/")


def is_writer(path: Path) -> bool:
    place = path.relative_to(PACKAGE).as_posix()
    return "/actions" in place or place.startswith((*WRITERS, *ROWLESS))


def test_only_actions_write() -> None:
    readers = [path for path in files() if not is_writer(path)]
    assert len(readers) > 100
    assert faulty(readers, lambda path: [*_orm_writes(path), *_sql_writes(path)]) == {}


def test_the_search_for_writers_finds_them() -> None:
    found = [path for path in files() if is_writer(path) and (_orm_writes(path) or _sql_writes(path))]
    assert len(found) > 5


def test_the_first_line_says_what_the_file_decides() -> None:
    assert faulty((path for path in files(tests=True) if path.name != "__init__.py" or "tests" not in path.parts), first) == {}


def first(path: Path) -> list[str]:
    """What is wrong with the words that a file begins with."""
    words = ast.get_docstring(tree(path)) or ""
    if not words.strip():
        return ["no docstring"]
    lines = words.splitlines()
    return [] if lines[0].rstrip().endswith((".", "?", ":")) or len(lines) > 1 else [lines[0]]


def test_no_room_means_everything() -> None:
    named = {path.stem for path in files(tests=True)} | {path.parent.name for path in files(tests=True)}
    assert named & BANNED <= {"base"}  # Django wants its backend's module to be called base


def test_nothing_names_this_machine_or_is_left_to_do() -> None:
    fault = re.compile(r"/(work|root)/|\bTODO\b|\bFIXME\b")
    kinds = {".py", ".md", ".toml", ".html", ".sh", ".txt", ".in", ".yml"}
    folders = [ROOT / folder for folder in ("goodterms", "docs", "tidy", "stories", "bench", "examples", "bin")]
    kept = [path for folder in folders for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    texts = [path for path in kept if path != Path(__file__) and (path.suffix in kinds or not path.suffix)]
    found = [name(path) for path in texts if fault.search(path.read_text(errors="replace"))]
    assert found == []


def _orm_writes(path: Path) -> list[str]:
    return [f"line {node.lineno}: .{node.func.attr}()" for node in ast.walk(tree(path)) if _writes(node)]  # type: ignore[attr-defined]


def _writes(node: ast.AST) -> bool:
    """Whether it calls a writing method of the ORM. A dict's `update` takes a thing, a queryset's takes names."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
        return False
    if node.func.attr == "update":
        return bool(node.keywords) and not node.args and all(word.arg for word in node.keywords)
    return node.func.attr in {"save", "bulk_create", "bulk_update"} or "objects" in ast.unparse(node.func.value)


def _sql_writes(path: Path) -> list[str]:
    return [
        f"line {node.lineno}: {node.value.strip()[:40]}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITING_SQL.match(node.value)
    ]
