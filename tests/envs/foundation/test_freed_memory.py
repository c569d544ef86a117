"""Memory that arrays give back stays with a process that asks for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from orderup.envs.foundation.freed_memory import keep_freed_memory
if sys.argv[1:] == ["kept"]:
    keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for turn in range(30):
    if turn == 10:
        before = faults()
    arrays = [np.ones(2**18) for _ in range(4)]  # 2 MB each
    del arrays
print(faults() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is asked")
def test_arrays_of_megabytes_cost_no_page_of_the_systems_once_memory_is_kept() -> None:
    command = [sys.executable, "-c", FAULTS]
    environment = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}
    given_back, kept = (
        int(subprocess.run([*command, *more], env=environment, check=True, capture_output=True, text=True).stdout)
        for more in ([], ["kept"])
    )
    assert given_back > 1000
    assert kept < 100
