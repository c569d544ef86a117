"""What holds for every test: one thread per process, the same examples on every run, and a stand-in for recorded data."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and PyTorch are imported, which read it once

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1000)  # pytest --hypothesis-profile=explore
settings.load_profile("repeatable")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it to what it starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or no command that a test starts could be interrupted


@pytest.fixture(scope="module")
def recorded_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A synthetic twin in place of the recorded demand of orange_juice, which does not come with the project."""
    from orderup.envs.catalogue import load_scenario
    from orderup.envs.demand.recorded import VARIABLE
    from orderup.envs.demand.twin import write_twin

    scenario = load_scenario("orange_juice")
    stores = [entry.site for entry in scenario.customers]
    path = write_twin(tmp_path_factory.mktemp("data") / "twin.csv.gz", stores, scenario.products, range(40, 161), seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(path))
        yield path
