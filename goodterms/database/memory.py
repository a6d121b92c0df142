"""Decides how much memory the embedded server keeps for its pages: an eighth of what there is, from 512 MB to 4 GB.

The day reads the open invoices payer by payer, and each payer's lie on pages of their own: of a million, each page is wanted
five times. While they fit, it is read once; else each time, which made a third of the whole day. Memory is only taken when a
page is kept, so a small book costs little.
"""

import os
from pathlib import Path

LEAST, MOST = 512, 4096  # MB
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container, version 2 and 1


def shared_buffers(memory: int) -> str:
    """The setting of that name on a machine with so many bytes of memory."""
    return f"{min(max(memory // 8 >> 20, LEAST), MOST)}MB"


def memory_here(limits: tuple[str, ...] = LIMITS) -> int:
    """The bytes of memory that this process may use, with its neighbours in the same container."""
    told = [Path(file).read_text().strip() for file in limits if Path(file).is_file()]
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([whole, *(int(limit) for limit in told if limit.isdigit())])
