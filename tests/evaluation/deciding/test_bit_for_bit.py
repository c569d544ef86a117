"""A policy that decides along a simulated episode through files gives the simulator's orders, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import orderup
from orderup.agents import make_agent
from orderup.agents.team import seated
from orderup.envs.books.writing import sheets_of, write_sheets
from orderup.envs.numerics.arrays import Floats
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator
from orderup.evaluation.deciding.writing import write_orders

from ...covering import beyond

LEVELS = ("hybrid_soe", "central_stale", "management_by_exception")
SCENARIOS = ("owmr-small", "beer_game", "perishable", "dual_source", "assembly")
"""A distribution system, orders that travel, stock by age, two lanes, parts."""
MORE = ("flexible_contract", "transship_spill", "repair_loop", "seasonal", "scarce_hub", "random_network", "additive")


def episode(scenario: Any, level: Any, agent: Any, periods: int) -> tuple[Simulator, Seating]:
    simulator = Simulator(scenario, level, horizon=periods)
    seating = Seating(simulator, seated(make_agent(agent), simulator))
    seating.reset(3, policy_seed=0)
    return simulator, seating


def today(simulator: Simulator, decided: Floats | None) -> dict[str, pd.DataFrame]:
    trace = simulator.trace
    assert trace is not None
    error = None if trace.feed_error is None else trace.feed_error[simulator.period]
    return sheets_of(simulator.now, simulator.numpy_network, decided, error)


def read_back(folder: Path, simulator: Simulator, column: str) -> Floats:
    """One column of orders.csv by lane and product (L, K)."""
    network, table = simulator.numpy_network, pd.read_csv(folder / "orders.csv", dtype={column: str})
    found = np.zeros((len(network.lanes), len(network.products)))
    rows = [network.lanes.index(name) for name in table["lane"]]
    columns = [network.products.index(name) for name in table["product"]]
    found[rows, columns] = table[column].to_numpy(str).astype(float)
    return found


def decided_along(scenario: Any, level: Any, agent: Any, folder: Path, periods: int = 5) -> None:
    """Every period's files are written, orders decided from them alone, written too, and compared with the simulator's."""
    simulator, seating = episode(scenario, level, agent, periods)
    days = [today(simulator, None)]
    while not simulator.done:
        write_sheets(folder / "books", days)
        orders = orderup.decide(scenario, level, agent, books=folder / "books")
        write_orders(orders, folder / "orders")
        simulator.advance(seating.decisions())
        assert simulator.now.flows is not None
        np.testing.assert_array_equal(read_back(folder / "orders", simulator, "quantity"), simulator.now.flows.orders[..., 0])
        waiting = simulator.now.state.pending
        if waiting:
            np.testing.assert_array_equal(read_back(folder / "orders", simulator, "waiting"), waiting[0][..., 0])
        days.append(today(simulator, orders.proposed.ordered.decided))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_orders_decided_through_files_are_the_simulators(scenario: str, level: str, tmp_path: Path) -> None:
    decided_along(scenario, level, "base_stock", tmp_path)


@pytest.mark.parametrize(
    ("scenario", "level"),
    [
        pytest.param(scenario, level, marks=beyond(f"{scenario} at {level}"))
        for scenario in (*SCENARIOS, *MORE)
        for level in (*LEVELS, "autonomous_silo", "central_periodic")
    ],
)
def test_so_they_are_elsewhere_and_once_the_centre_has_decided_again(scenario: str, level: str, tmp_path: Path) -> None:
    decided_along(scenario, level, "base_stock", tmp_path, 9)


@pytest.mark.parametrize("agent", ["moving_average", "sterman", "universal", {"type": "universal", "demand": "estimated"}])
def test_so_are_those_of_policies_that_remember(agent: Any, tmp_path: Path) -> None:
    level = "autonomous_silo" if agent == "sterman" else "autonomous_shared"
    decided_along("stale_centre", level, agent, tmp_path, 4)


def test_random_lead_times_and_commitments_of_a_whole_reference_scenario(tmp_path: Path) -> None:
    """Every kind of key at once; what its events do is not in the tables, and nothing happens in these periods."""
    decided_along("reference", "central_stale", "base_stock", tmp_path)
