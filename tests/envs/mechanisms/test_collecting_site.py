"""A site that no lane leads to lives on what customers bring back: it decides nothing, and everybody can work with it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.levels.base_stock_levels import installation_levels
from orderup.agents.team import seated
from orderup.envs.information.observation import Observer
from orderup.envs.network.building import build
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from ..by_hand import scenario

RULES = ("base_stock", "can_order", "forecast_newsvendor", "moving_average", "periodic", "r_q", "s_s", "smoothing", "sterman")


def circle(collected: bool = True) -> Any:
    """Two stores and a warehouse that gets goods new or, made from what comes back, sooner and for less."""
    sites: dict[str, Any] = {name: {"initial": None} for name in ("store_1", "store_2", "warehouse_1")}
    lanes: list[dict[str, Any]] = [{"from": "warehouse_1", "to": f"store_{n}", "lead_time": 1} for n in (1, 2)]
    lanes += [{"name": "new", "from": "supplier", "to": "warehouse_1", "lead_time": 4, "unit_cost": 6}]
    keys: dict[str, Any] = {}
    if collected:
        sites["depot_1"] = {"initial": 10}
        lanes += [{"name": "as_new", "from": "depot_1", "to": "warehouse_1", "lead_time": 2, "unit_cost": 2}]
        keys["returns"] = [{"from": ["store_1", "store_2"], "to": "depot_1", "share": 0.4, "delay": 3}]
    customers = [{"site": f"store_{n}", "demand": {"type": "poisson", "mean": 9 + n}} for n in (1, 2)]
    return scenario(sites, lanes, customers, **keys)


def test_a_site_counts_on_what_it_can_order_although_what_comes_back_is_cheaper() -> None:
    network = build(circle())
    assert [network.lanes[lane] for lane in network.topology.main_lane if lane >= 0] == [
        "warehouse_1->store_1",
        "warehouse_1->store_2",
        "new",
    ]
    assert network.topology.main_lane[network.sites.index("depot_1")] == -1
    assert network.loads.mean[network.sites.index("depot_1")] == 0


def test_the_levels_of_all_other_lanes_are_those_of_the_network_without_it() -> None:
    with_it, without = (build(circle(collected)) for collected in (True, False))
    ours, theirs = (dict(zip(n.lanes, installation_levels(n)[:, 0].tolist(), strict=True)) for n in (with_it, without))
    assert ours.pop("as_new") > 0
    assert ours == theirs


def test_it_has_no_seat_and_observations_say_so() -> None:
    simulator = Simulator(circle(), "autonomous_shared", batch=3)
    simulator.reset(seed=0)
    assert simulator.site_seats == ("store_1", "store_2", "warehouse_1")
    observer = Observer(simulator.numpy_network, simulator.autonomy, simulator.seats)
    seen = observer.compile(simulator.backend, simulator.now).observe(simulator.now)
    assert seen.shape[0] == 3
    assert np.isfinite(seen).all()


@pytest.mark.parametrize(
    ("rule", "level"),
    [
        *itertools.product([*RULES, "echelon_base_stock"], ["autonomous_shared", "central_ideal", "central_stale"]),
        *(("mpc", level) for level in ("central_ideal", "central_stale")),
    ],
)
def test_every_rule_runs_a_network_that_has_one(rule: str, level: str) -> None:
    simulator = Simulator(circle(), level, batch=4, horizon=12)
    seating = Seating(simulator, seated(make_agent(rule), simulator))
    seating.reset(seed=0)
    while not simulator.done:
        ledger = simulator.advance(seating.decisions())
    assert np.isfinite(ledger.cost).all()
