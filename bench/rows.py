"""Decides how the yardstick of a writer is taken: the very rows that it wrote, laid out as files, COPY into the same tables."""

from collections.abc import Mapping
from pathlib import Path

from bench import house


def copy_out(name: str, tables: Mapping[str, str], folder: Path) -> int:
    """The rows of each table that meet its condition (empty: all), a file a table, in the order of the heap; their number."""
    count = 0
    with house.superuser(name) as rows:
        for table, condition in tables.items():
            query = f"copy (select * from {table} {condition and f'where {condition}'}) to stdout"
            with (folder / table).open("wb") as file, rows.cursor() as cursor:
                with cursor.copy(query) as out:
                    for block in out:
                        file.write(block)
                count += cursor.rowcount
    return count


def copy_in(name: str, tables: Mapping[str, str], folder: Path) -> None:
    """Back into the tables with their keys, indexes and triggers, in one transaction, past row security."""
    with house.superuser(name) as rows, rows.transaction():
        for table in tables:
            with (folder / table).open("rb") as file, rows.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as into:
                while block := file.read(1 << 16):
                    into.write(block)
