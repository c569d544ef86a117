"""A million rows are a network in under twenty seconds of a processor, and in less than a gigabyte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ..memory import needs_proc

RUN = """
import json, sys, time
import orderup
from tests.memory import megabytes
files = orderup.network_from_tables(sys.argv[1], period="week", today="2024-02-01")
units = float(orderup.read_demand(sys.argv[1], period="week", today="2024-02-01", partial="keep").table.demand.sum())
print(json.dumps([time.process_time(), megabytes("VmHWM"), units]))
"""


@needs_proc
@pytest.mark.slow  # a minute
def test_a_million_rows_take_seconds_and_lose_nothing(tmp_path: Path) -> None:
    rng, count = np.random.default_rng(0), 1_000_000
    days = pd.date_range("2022-01-03", periods=728).strftime("%d.%m.%Y").to_numpy()
    table = pd.DataFrame(
        {
            "Datum": days[np.sort(rng.integers(0, 728, count))],
            "Filiale": np.array([f"Filiale {number:02d}" for number in range(40)])[rng.integers(0, 40, count)],
            "Artikel": np.array([f"{number:06d}" for number in range(500)])[rng.integers(0, 500, count)],
            "Menge": rng.integers(1, 20, count),
        }
    )
    path = tmp_path / "sales.csv"
    table.to_csv(path, sep=";", index=False)
    done = subprocess.run([sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=True)
    seconds, megabytes, units = json.loads(done.stdout)
    assert seconds < 20 + 10  # the rows are read twice
    assert megabytes < 1000
    assert units == table["Menge"].sum()
