"""What is on record before an episode: each site's own customers, and what comes of it for those who supply them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents.universal.features.ahead import covered_by
from orderup.agents.universal.features.known_history import known_history
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.network import Network
from orderup.envs.simulator import Simulator


def hub(folder: Path) -> Network:
    """A hub that sells and supplies a store, with four periods on record."""
    asked = {"hub_1": [10, 11, 12, 13, 0, 0, 0], "store_1": [1, 2, 3, 4, 0, 0, 0]}
    rows = [f"{period + 1},{site},product,{units}" for site, series in asked.items() for period, units in enumerate(series)]
    path = folder / "demand.csv"
    path.write_text("\n".join(["period,site,product,demand", *rows]) + "\n", encoding="utf-8")
    keys: dict[str, Any] = {
        "name": "hub",
        "horizon": 1,
        "data": {"path": str(path), "windows": {"train": [1, 4], "validation": [5, 5], "test": [6, 7]}},
        "sites": {site: {"holding": 1} for site in asked},
        "lanes": [
            {"from": "hub_1", "to": "store_1", "lead_time": 1},
            {"from": "supplier", "to": "hub_1", "lead_time": 1},
        ],
        "customers": [{"site": site, "shortage": 9, "demand": {"type": "file"}} for site in asked],
    }
    return Simulator(keys).numpy_network


def test_the_latest_periods_are_told_and_a_hub_covers_its_store_too(tmp_path: Path) -> None:
    network = hub(tmp_path)
    found = np.stack(known_history(network, 2))[:, :, 0]
    own = {site: found[:, network.sites.index(site)].tolist() for site in network.sites}
    assert own == {"hub_1": [12, 13], "store_1": [3, 4]}
    covered = covered_by(network, found[:, :, None])[:, :, 0]
    assert covered[:, network.sites.index("hub_1")].tolist() == [15, 17]
    assert covered[:, network.sites.index("store_1")].tolist() == [3, 4]


def test_all_of_the_training_window_is_told_unless_less_is_wanted_and_never_more(tmp_path: Path) -> None:
    network = hub(tmp_path)
    assert len(known_history(network, None)) == 4
    assert known_history(network, 0) == []
    with pytest.raises(InputError, match=r"agent.history: found 5; accepted: at most 4"):
        known_history(network, 5)
