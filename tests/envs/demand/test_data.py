"""A scenario's recorded demand: said once for all customers, exchanged by one key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.envs.catalogue import changed, load_scenario, with_data
from orderup.envs.demand.file import FileDemand
from orderup.envs.demand.recorded import VARIABLE
from orderup.envs.demand.twin import write_twin
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

WINDOWS = {"train": [1, 20], "validation": [21, 30], "test": [31, 40]}
COLUMNS = {"period": "week"}


def two_stores(data: dict[str, Any] | None, **own: Any) -> Scenario:
    """Two stores with recorded demand, of which the second says something of its own."""
    stores = ("store_1", "store_2")
    keys: dict[str, Any] = {
        "name": "two_stores",
        "horizon": 10,
        "sites": {name: {"holding": 1} for name in stores},
        "lanes": [{"from": "supplier", "to": name, "lead_time": 1} for name in stores],
        "customers": [
            {"site": "store_1", "shortage": 9, "demand": {"type": "file"}},
            {"site": "store_2", "shortage": 9, "demand": {"type": "file", **own}},
        ],
    }
    return validated(Scenario, keys if data is None else {**keys, "data": data})


def twin(path: Path, seed: int, stores: tuple[str, ...] = ("store_1", "store_2")) -> str:
    return str(write_twin(path, stores, ["product"], 40, seed))


def demand_of(scenario: Scenario) -> list[FileDemand]:
    found = [entry.demand for entry in scenario.customers]
    assert all(isinstance(demand, FileDemand) for demand in found)
    return found  # type: ignore[return-value] # the line above makes sure


def test_customers_take_from_the_scenario_what_they_leave_out() -> None:
    first, second = demand_of(two_stores({"path": "a.csv", "windows": WINDOWS, "block": 4}, block=2, site="branch"))
    assert (first.path, first.block, first.site) == ("a.csv", 4, None)
    assert (second.path, second.block, second.site) == ("a.csv", 2, "branch")
    assert first.windows == second.windows is not None


def test_other_data_take_the_place_of_what_was_left_out_and_of_nothing_else() -> None:
    before = two_stores({"path": "a.csv", "windows": WINDOWS, "source": "ask"}, path="own.csv")
    after = with_data(before, "b.csv")
    assert [demand.path for demand in demand_of(after)] == ["b.csv", "own.csv"]
    assert [demand.source for demand in demand_of(after)] == ["ask", "ask"]
    assert with_data(after, "a.csv") == before


def test_a_scenario_with_data_survives_being_written_down() -> None:
    scenario = two_stores({"path": "a.csv", "windows": WINDOWS}, missing="zero")
    written = scenario.model_dump(by_alias=True, mode="json")
    assert written["customers"][0]["demand"] == {"type": "file"}
    assert written["customers"][1]["demand"] == {"type": "file", "missing": "zero"}
    assert validated(Scenario, written) == scenario


def test_the_file_is_what_the_demand_comes_from(tmp_path: Path) -> None:
    scenario = two_stores({"windows": WINDOWS, "columns": COLUMNS})
    demand = []
    for seed in (1, 1, 2):
        sim = Simulator(with_data(scenario, twin(tmp_path / f"{seed}.csv", seed)))
        sim.reset(seed=0)
        assert sim.trace is not None
        demand.append(sim.trace.demand)
    np.testing.assert_array_equal(demand[0], demand[1])
    assert (demand[0] != demand[2]).any()


def test_without_the_file_one_is_told_where_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    scenario = load_scenario("orange_juice")
    with pytest.raises(InputError, match=r"ORDERUP_DATA; get data/orangeJuice\.rda from the R package bayesm \(CRAN\)"):
        Simulator(scenario)
    with pytest.raises(InputError, match=r"nowhere\.csv'; accepted: an existing CSV.*bayesm"):
        Simulator(with_data(scenario, tmp_path / "nowhere.csv"))


def test_data_that_nobody_reads_are_refused() -> None:
    with pytest.raises(InputError, match=r"owmr\.data: found 'a\.csv'; accepted: nothing: none of the customers"):
        with_data(load_scenario("owmr"), "a.csv")


def test_somebody_has_to_say_the_windows() -> None:
    with pytest.raises(InputError, match=r"data\.windows: found 'nothing'; accepted: train, validation and test"):
        two_stores(None)
    with pytest.raises(InputError, match=r"data\.windows"):
        two_stores({"path": "a.csv"}, windows=WINDOWS)


def test_a_mistake_in_the_data_is_told_once() -> None:
    with pytest.raises(InputError) as told:
        two_stores({"windows": WINDOWS, "block": 0})
    assert told.value.key == "data.block"
    assert not told.value.others


def test_the_rest_of_a_scenario_is_changed_without_touching_its_data() -> None:
    scenario = two_stores({"path": "a.csv", "windows": WINDOWS})
    assert demand_of(changed(scenario, horizon=5)) == demand_of(scenario)
