"""Two stages that each mind their own cost: the equilibrium, held to brute force, to the simulator and to the theory."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.exact.serial.competition import Transfers, TwoStages
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

POISSON = TwoStages((1.0, 0.5), 10.0, (1, 1), stats.poisson(8))


def played(line: TwoStages, levels: tuple[float, float], demand: NDArray[np.float64]) -> tuple[float, float]:
    """What the two pay a period on these demands (T,), unit by unit: a third way, which knows neither of the others."""
    (to_retailer, to_supplier), terms = line.lead_times, line.transfers
    shelf, store, owed, open_orders = levels[0], levels[1], 0.0, 0.0
    lane, coming = [0.0] * to_retailer, [0.0] * to_supplier
    paid = np.zeros(2)
    for wanted in demand:
        order = max(levels[0] - (shelf - owed + sum(lane) + open_orders), 0.0)
        supply = max(levels[1] - (store - open_orders + sum(coming) - order), 0.0)
        sent = min(store, open_orders + order)
        store, open_orders = store - sent, open_orders + order - sent
        lane, coming = [*lane, sent], [*coming, supply]
        shelf, store = shelf + lane.pop(0), store + coming.pop(0)
        served = min(shelf, owed + wanted)
        shelf, owed = shelf - served, owed + wanted - served
        shifted = terms.backlog_share * line.shortage * owed + terms.on_hand * shelf + terms.backlog * owed
        shifted += terms.late * open_orders
        paid += line.holding[0] * shelf + line.shortage * owed - shifted, line.holding[1] * (store + sum(lane)) + shifted
    return paid[0] / len(demand), paid[1] / len(demand)


@pytest.mark.parametrize("transfers", [Transfers(), Transfers(0.2, 0.3, -0.5, 0.4)])
def test_costs_are_those_of_a_line_that_is_played(transfers: Transfers) -> None:
    line, levels = POISSON.under(transfers), (24.0, 14.0)
    found = played(line, levels, stats.poisson(8).rvs(60_000, random_state=1))
    assert found == pytest.approx(line.costs(levels), rel=0.01)


def test_both_together_pay_the_optimum_of_clark_and_scarf_at_its_levels() -> None:
    assert sum(POISSON.costs(POISSON.best_levels)) == pytest.approx(POISSON.optimum, rel=1e-9)


def test_nobody_gains_by_any_other_level_of_his_own() -> None:
    """By trying all of them; in whole units its neighbour is an equilibrium too, and no other pair of levels is."""
    line = POISSON.under(Transfers(backlog_share=0.1))
    firsts, seconds = np.arange(10.0, 45.0), np.arange(0.0, 40.0)
    costs = np.array([[line.costs((first, second)) for second in seconds] for first in firsts])
    best = (costs[..., 0] <= costs[..., 0].min(axis=0) + 1e-9) & (
        costs[..., 1] <= costs[..., 1].min(axis=1, keepdims=True) + 1e-9
    )
    assert line.equilibrium().levels == (26.0, 13.0)
    assert [(firsts[row], seconds[column]) for row, column in np.argwhere(best)] == [(26.0, 13.0), (27.0, 12.0)]


def test_a_supplier_who_bears_nothing_keeps_nothing() -> None:
    assert POISSON.equilibrium().levels[1] == 0.0
    assert POISSON.equilibrium().price_of_anarchy == pytest.approx(0.037, abs=0.0005)


@pytest.mark.parametrize(("share", "backlog_share"), [*itertools.product((0.3, 1.0), (0.0, 0.4))])
def test_terms_of_the_closed_form_make_the_optimum_an_equilibrium(share: float, backlog_share: float) -> None:
    found = POISSON.under(POISSON.coordinating(share, backlog_share)).equilibrium()
    assert found.levels == POISSON.best_levels
    assert found.price_of_anarchy == pytest.approx(0.0, abs=1e-9)


def test_the_simulator_comes_to_the_equilibrium_and_its_costs() -> None:
    """On the scenario itself: both pay what theory says, and pay more one step away from their own level."""
    sim = Simulator("selfish_line", batch=400)
    keys = sim.scenario
    line = TwoStages((1.0, 0.3), 4.0, (0, 2), keys.customers[0].demand.over(keys.products, 1), 0.1, Transfers(0.1))
    equilibrium = line.equilibrium()
    paid = {step: own_costs(sim, np.add(equilibrium.levels, step)) for step in [(0, 0), (2, 0), (-2, 0), (0, 3), (0, -3)]}
    assert paid[0, 0].mean(axis=1) == pytest.approx(equilibrium.costs, rel=0.01)
    for (first, second), costs in paid.items():
        if first or second:
            site = 0 if first else 1
            worse = (costs - paid[0, 0])[site]
            assert worse.mean() > 2 * worse.std() / np.sqrt(worse.size)


def own_costs(sim: Simulator, levels: Any) -> NDArray[np.float64]:
    """Of the retailer and the supplier in each episode (2, B), after the warm-up."""
    sim.reset(seed=10_000)
    level = np.array([levels[sim.numpy_network.topology.destination[lane]] for lane in range(2)])[:, None]
    paid = [sim.advance(Decision(level=level)).by_site for _ in range(sim.horizon)]
    found: NDArray[np.float64] = np.mean(paid[sim.scenario.warmup :], axis=0)
    return found


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="transfers"):
        POISSON.under(Transfers(on_hand=1.0)).equilibrium()
    with pytest.raises(InputError, match="share"):
        POISSON.coordinating(0.0)
