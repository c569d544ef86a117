from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator


def store(demand: list[float], **site: Any) -> Scenario:
    keys = {
        "name": "one_store",
        "horizon": 30,
        "sites": {"store_1": {"holding": 1, **site}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 2, "initial": 3}],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "replay", "values": demand}}],
    }
    return validated(Scenario, keys)


def decided(scenario: Any, agent: dict[str, Any], periods: int, seed: int = 0, **options: Any) -> tuple[list[Decision], Any]:
    """What an agent decides in the first periods, and what the network pays in each (T, B)."""
    sim = Simulator(scenario, **options)
    policy, found, paid = make_agent(agent), [], []
    information = sim.reset(seed=0)
    policy.reset(sim.context(seed))
    for _ in range(periods):
        found.append(policy.act(information))
        information, ledger, _ = sim.step(found[-1])
        paid.append(ledger.cost)
    return found, np.array(paid)


def cost(agent: dict[str, Any], scenario: Any = "serial_poisson", periods: int = 150, **options: Any) -> float:
    return float(decided(scenario, agent, periods, batch=64, **options)[1][50:].mean())


def test_sterman_closes_part_of_the_gaps_as_worked_out_by_hand() -> None:
    keys = {"type": "sterman", "smoothing": 0.5, "adjustment": 0.25, "supply_line": 0.5, "desired": 20}
    first, second = decided(store([8, 4], initial=10), keys, 2)[0]
    mean, on_order = 6.0, 2 * 3.0
    order = mean + 0.25 * (20 - 10 - 0.5 * on_order)
    np.testing.assert_allclose(first.quantity, [[[order]]])
    level, forecast, on_order = 10 + 3 - 8.0, (8 + mean) / 2, 3.0 + order
    np.testing.assert_allclose(second.quantity, [[[forecast + 0.25 * (20 - level - 0.5 * on_order)]]])


def test_sterman_orders_nothing_rather_than_send_stock_back() -> None:
    (first,) = decided(store([8, 4], initial=100), {"type": "sterman", "desired": 20}, 1)[0]
    np.testing.assert_array_equal(first.quantity, 0.0)


def test_sterman_makes_the_beer_game_cost_several_times_what_steady_levels_do() -> None:
    steady, human = (float(decided("beer_game", {"type": name}, 36)[1].mean()) for name in ("base_stock", "sterman"))
    assert steady < 38
    assert human > 2.5 * steady


def test_sterman_is_at_rest_where_demand_is_as_he_expects_it() -> None:
    keys = {"type": "sterman", "desired": 10 + 0.34 * 6}
    found, _ = decided(store([3.0], initial=10), keys, 10)
    np.testing.assert_allclose([decision.quantity[0, 0, 0] for decision in found], 3.0)


@pytest.mark.parametrize(
    "policy",
    ["base_stock", "sterman", {"type": "moving_average", "window": 4}, {"type": "optimised_base_stock", "iterations": 1}],
)
def test_skill_without_a_loss_is_the_policy_itself_bit_for_bit(policy: Any) -> None:
    own = policy if isinstance(policy, dict) else {"type": policy}
    alone, skilled = (
        decided("serial_poisson", own, 30, batch=4),
        decided("serial_poisson", {"type": "skill", "policy": own}, 30, batch=4),
    )
    np.testing.assert_array_equal(alone[1], skilled[1])


def test_noise_multiplies_levels_by_a_factor_of_mean_one_and_its_spread() -> None:
    keys = {"type": "skill", "policy": {"type": "base_stock", "levels": {"store_1": 20.0}}, "noise": 0.3}
    found, _ = decided(store([8, 4]), keys, 30, batch=4000)
    factor = np.stack([decision.level[:, 0, 0] for decision in found]) / 20
    count = factor.size
    spread = np.sqrt(np.exp(0.3**2) - 1)
    assert abs(factor.mean() - 1) < 3.3 * spread / np.sqrt(count)
    assert abs(np.log(factor).std() - 0.3) < 3.3 * 0.3 / np.sqrt(2 * count)


def test_noise_multiplies_quantities_likewise() -> None:
    sterman = {"type": "sterman", "desired": 20}
    (plain,), (noisy,) = (
        decided(store([8, 4]), keys, 1, batch=4000)[0] for keys in (sterman, {"type": "skill", "policy": sterman, "noise": 0.3})
    )
    factor = noisy.quantity[:, 0, 0] / plain.quantity[0, 0, 0]
    assert abs(np.log(factor).std() - 0.3) < 3.3 * 0.3 / np.sqrt(2 * factor.size)


def test_noise_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    keys = {"type": "skill", "policy": "base_stock", "noise": 0.2}
    one, same, other = (decided("serial_poisson", keys, 20, seed=seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_a_pull_moves_levels_towards_the_mean_demand_of_their_protection_interval() -> None:
    base = {"type": "base_stock", "levels": {"store_1": 30.0}}
    for pull, level in ((0.0, 30.0), (0.25, 0.75 * 30 + 0.25 * 18), (1.0, 18.0)):
        (first,) = decided(store([8, 4]), {"type": "skill", "policy": base, "pull": pull}, 1)[0]
        np.testing.assert_allclose(first.level, [[[level]]])


def test_a_pull_moves_quantities_towards_the_mean_demand_of_a_period() -> None:
    keys = {"type": "skill", "policy": {"type": "sterman", "desired": 100}, "pull": 1.0}
    np.testing.assert_allclose(decided(store([8, 4]), keys, 1)[0][0].quantity, [[[6.0]]])


def test_what_is_overlooked_on_order_is_ordered_again() -> None:
    base = {"type": "base_stock", "levels": {"store_1": 20.0}}
    (first,) = decided(store([8, 4], initial=5), {"type": "skill", "policy": base, "ignored": 0.5}, 1)[0]
    np.testing.assert_allclose(first.level, [[[20 + 0.5 * 6]]])


def test_what_is_overlooked_is_missing_from_what_a_rule_of_quantities_reads() -> None:
    keys = {"type": "sterman", "adjustment": 0.5, "supply_line": 1.0, "desired": 20}
    (first,) = decided(store([8, 4], initial=5), {"type": "skill", "policy": keys, "ignored": 0.5}, 1)[0]
    np.testing.assert_allclose(first.quantity, [[[6 + 0.5 * (20 - 5 - 0.5 * 6)]]])
    blind, ignoring = ({**keys, "supply_line": 0.0}, {"type": "skill", "policy": keys, "ignored": 1.0})
    one, other = (decided(store([8, 4]), agent, 12)[1] for agent in (blind, ignoring))
    np.testing.assert_allclose(one, other)


@pytest.mark.parametrize("loss", ["noise", "pull", "ignored"])
def test_every_loss_of_skill_costs_something_and_more_of_it_more(loss: str) -> None:
    found = [cost({"type": "skill", "policy": "base_stock", loss: amount}) for amount in (0.0, 0.2, 0.4)]
    assert found[0] < found[1] < found[2]


def test_skill_keeps_the_response_of_its_policy() -> None:
    alone = {"type": "moving_average", "window": 4}
    (one,), (other,) = (
        decided("serial_poisson", keys, 1)[0] for keys in (alone, {"type": "skill", "policy": alone, "pull": 0.1})
    )
    np.testing.assert_array_equal(one.response, other.response)


@pytest.mark.parametrize("key", ["noise", "pull", "ignored"])
def test_a_negative_loss_of_skill_is_refused(key: str) -> None:
    with pytest.raises(InputError, match=rf"agent\.{key}"):
        make_agent({"type": "skill", "policy": "base_stock", key: -0.1})


def test_skill_needs_a_policy_that_there_is() -> None:
    with pytest.raises(InputError, match=r"agent\.policy.*'bas_stock'.*base_stock"):
        make_agent({"type": "skill", "policy": "bas_stock"})
