"""How much memory the embedded server takes for its pages."""

from pathlib import Path

import pytest

from goodterms.database.memory import memory_here, shared_buffers

GB = 1 << 30


@pytest.mark.parametrize(
    ("memory", "setting"), [(GB, "512MB"), (4 * GB, "512MB"), (16 * GB, "2048MB"), (32 * GB, "4096MB"), (512 * GB, "4096MB")]
)
def test_an_eighth_of_the_memory_there_is_within_bounds(memory: int, setting: str) -> None:
    assert shared_buffers(memory) == setting


def test_a_container_counts_by_its_own_limit(tmp_path: Path) -> None:
    limit, none = tmp_path / "memory.max", tmp_path / "none"
    limit.write_text("1073741824\n")
    assert memory_here((str(limit), str(none))) == GB
    limit.write_text("max\n")
    assert memory_here((str(limit),)) == memory_here(()) > GB // 4
