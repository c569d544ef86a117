"""How much memory a process has, and had at most.

`resource.getrusage` does not tell: Linux hands a parent's largest size down to the programs it starts, and what was large once
hides what grows later.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="/proc is asked")
"""For tests that measure memory."""


def megabytes(line: str = "VmRSS") -> float:
    """What this process has in memory now; with `VmHWM` the most that it ever had."""
    found = re.search(rf"^{line}:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.M)
    assert found is not None
    return int(found[1]) / 1024
