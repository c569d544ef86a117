"""What Numba has compiled is the same program in every process, whichever was compiled before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orderup.envs.recording.machine import can_compile

pytestmark = pytest.mark.skipif(not can_compile(), reason="needs Numba, the extra orderup[compiled]")
SOURCE = """
import numpy as np
from orderup.envs.recording.graph import Graph
from orderup.envs.recording.machine import LoadedProgram
from orderup.envs.recording.program import Program

def run(kind):
    graph = Graph()
    a, b = graph.loads(0, (2, 1), 0)
    made = [graph.apply(code, a, b) for code in range(2, 14)]
    machine = LoadedProgram(Program.of(graph, [int(row[0]) for row in made]), 3)
    carry, told = np.array([[1.0, 2.0, 3.0], [4.0, 2.0, 0.5]]), np.empty((12, 3))
    none = np.empty(0, np.int64)
    machine.run(carry, none, none, np.empty((0, 3)), told, np.empty((3, 0), kind))
    return told.round(3).tolist()

"""


def said(command: str, folder: Path) -> str:
    """What a process of its own prints, which keeps what it compiles in a folder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", SOURCE + command], env=environment, capture_output=True, text=True, check=True, timeout=600
    )
    return done.stdout


def test_every_part_of_the_loop_has_a_name_of_its_own() -> None:
    """Numba links by names: two of one name were taken for the same once another process had kept one of them."""
    from orderup.envs.recording import compiled

    parts = [part for part in vars(compiled).values() if hasattr(part, "py_func")]
    names = [part.py_func.__qualname__ for part in parts]
    assert len(names) > 20
    assert len(set(names)) == len(names)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_what_one_process_has_kept_does_not_change_what_another_compiles(tmp_path: Path) -> None:
    alone = said("print(run(np.float32))", tmp_path)
    assert said("print(run(np.float32)); run(np.float64)", tmp_path) == alone
    assert said("run(np.float64); print(run(np.float32))", tmp_path) == alone
    assert said("print(run(np.float64))", tmp_path) == alone


@pytest.mark.slow
def test_where_nothing_can_be_kept_it_is_compiled_anew(tmp_path: Path) -> None:
    nowhere = """
import numba.core.caching
numba.core.caching.CacheImpl._locator_classes = []
numba.core.caching.CompileResultCacheImpl._locator_classes = []
print(run(np.float32))
"""
    assert said(nowhere, tmp_path) == said("print(run(np.float32))", tmp_path)
