from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.exact import shared_bullwhip, silo_bullwhip
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...simulation import Interval, simulated


def line(stages: int, lead_time: int, demand: dict[str, Any], **lane: Any) -> Scenario:
    names = [f"stage_{number + 1}" for number in range(stages)]
    ways = zip([*names[1:], "supplier"], names, strict=True)
    keys = {
        "name": "line",
        "horizon": 30,
        "sites": {name: {"holding": 1, "initial": 500} for name in names},
        "lanes": [{"from": source, "to": name, "lead_time": lead_time, **lane} for source, name in ways],
        "customers": [{"site": "stage_1", "shortage": 9, "demand": demand}],
    }
    return validated(Scenario, keys)


def levels(scenario: Scenario, agent: dict[str, Any], periods: int, **options: Any) -> list[Any]:
    """What the agent orders up to, period by period: (B, L, K) each."""
    sim = Simulator(scenario, **options)
    policy, found = make_agent(agent), []
    information = sim.reset(seed=0)
    policy.reset(sim.context())
    for _ in range(periods):
        decision = policy.act(information)
        found.append(decision.level)
        information, _, _ = sim.step(decision)
    return found


def test_the_level_covers_the_average_of_the_last_periods_and_the_safety_stock() -> None:
    store = line(1, 2, {"type": "replay", "values": [4, 8, 6, 2, 10, 6]}, order_delay=1)
    found = levels(store, {"type": "moving_average", "window": 2, "fixed": 3}, 6)
    averages = [6, (6 + 4) / 2, (4 + 8) / 2, (8 + 6) / 2, (6 + 2) / 2, (2 + 10) / 2]
    np.testing.assert_allclose([level[0, 0, 0] for level in found], [4 * average + 3 for average in averages])


def test_the_safety_stock_is_in_deviations_of_the_demand_it_has_to_cover() -> None:
    store = line(1, 3, {"type": "normal", "mean": 50, "sd": 5})
    first = levels(store, {"type": "moving_average", "safety": 1.5}, 1)[0]
    np.testing.assert_allclose(first, [[[4 * 50 + 1.5 * 5 * np.sqrt(4)]]])


def test_a_new_episode_knows_nothing_of_the_last() -> None:
    sim = Simulator(line(1, 1, {"type": "poisson", "mean": 10}), batch=3)
    policy = make_agent({"type": "moving_average", "window": 3})
    runs = []
    for _ in range(2):
        information, orders = sim.reset(seed=5), []
        policy.reset(sim.context())
        for _ in range(10):
            information, ledger, _ = sim.step(policy.act(information))
            orders.append(ledger.cost.copy())
        runs.append(orders)
    np.testing.assert_array_equal(runs[0], runs[1])


def test_numpy_and_pytorch_forecast_the_same() -> None:
    agent = {"type": "moving_average", "window": 4}
    networks = line(3, 1, {"type": "poisson", "mean": 10})
    here = levels(networks, agent, 12, batch=5)
    there = levels(networks, agent, 12, batch=5, backend="torch")
    for ours, theirs in zip(here, there, strict=True):
        np.testing.assert_allclose(np.broadcast_to(ours, theirs.shape), theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"type": "moving_average", "safety": 9.0, "fixed": 2.0}, "safety"),
        ({"type": "forecast_newsvendor", "window": 9}, "window"),
        ({"type": "forecast_newsvendor", "method": "moving_average", "trend": 0.1}, "trend"),
        ({"type": "forecast_newsvendor", "method": "moving_average", "season": 7}, "season"),
        ({"type": "forecast_newsvendor", "method": "gradient_boosting", "level": 0.3}, "level"),
    ],
)
def test_a_key_without_effect_is_refused(keys: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError, match="accepted: nothing") as caught:
        make_agent(keys)
    assert caught.value.key == f"agent.{key}"


def test_peers_are_asked_for_nothing() -> None:
    store = line(2, 1, {"type": "constant", "value": 5})
    lanes = [lane.model_dump(by_alias=True) for lane in store.lanes]
    lateral = {"from": "stage_1", "to": "stage_2", "lead_time": 1, "lateral": True}
    peers = validated(Scenario, {**store.model_dump(by_alias=True), "lanes": [*lanes, lateral]})
    network = Simulator(peers).numpy_network
    found = levels(peers, {"type": "moving_average", "fixed": 2.0}, 3)[-1]
    assert found[0, network.lanes.index("stage_1->stage_2"), 0] == 0
    assert (np.delete(found[0, :, 0], network.lanes.index("stage_1->stage_2")) > 0).all()


def amplified(autonomy: str, **keys: Any) -> list[Interval]:
    """Var(orders)/Var(demand) of four stages with L = 2 that forecast over 10 periods and have enough to fill all orders."""
    agent = {"type": "moving_average", "window": 10, "fixed": 0, **keys}
    demand = {"type": "normal", "mean": 100, "sd": 2}
    run = simulated(line(4, 1, demand), agent, autonomy, warmup=60, episodes=2000, dtype="float64")
    return [Interval.of(orders / 4) for orders in run.orders]


@pytest.mark.parametrize(
    ("autonomy", "shared", "golden"),
    [("autonomous_silo", False, (1.48, 2.3056, 3.7533, 6.3318)), ("autonomous_shared", True, (1.48, 2.12, 2.92, 3.88))],
)
def test_four_stages_amplify_as_theory_says(autonomy: str, shared: bool, golden: tuple[float, ...]) -> None:
    theory = (shared_bullwhip if shared else silo_bullwhip)([1] * 4, 10)
    np.testing.assert_allclose(theory, golden, atol=5e-5)
    for ratio, measured in zip(theory, amplified(autonomy, shared=shared), strict=True):
        assert ratio in measured


def test_a_site_does_not_react_to_orders_that_it_hears_of_later() -> None:
    steady = line(3, 1, {"type": "constant", "value": 10}, order_delay=1)
    for react in (True, False):
        agent = {"type": "moving_average", "window": 5, "fixed": 600, "react": react}
        np.testing.assert_allclose(levels(steady, agent, 60, horizon=60)[-1], np.full((1, 3, 1), 30.0 + 600.0))


def test_a_reaction_makes_up_for_the_period_that_the_average_leaves_out() -> None:
    sim = Simulator(line(3, 1, {"type": "constant", "value": 10}), horizon=40)
    policy = make_agent({"type": "moving_average", "window": 5, "fixed": 600})
    information = sim.reset(seed=0)
    policy.reset(sim.context())
    for _ in range(40):
        information, _, _ = sim.step(policy.act(information))
    assert sim.now.flows is not None
    np.testing.assert_allclose(sim.now.flows.orders, 10.0)
    np.testing.assert_allclose(information.own("on_hand")[0, :, 0], [600.0, 610.0, 610.0])


def test_every_stage_of_a_line_amplifies_what_it_passes_on_and_less_than_if_it_heard_of_orders_at_once() -> None:
    window, share = 10, 2 / 10
    own = np.array([1 + share, *[0.0] * (window - 1), -share])
    passed_on = np.array([1, share, *[0.0] * (window - 1), -share])
    responses = [own]
    for _ in range(3):
        responses.append(np.convolve(responses[-1], passed_on))
    theory = np.array([response @ response for response in responses])
    for ratio, measured in zip(theory, amplified("autonomous_silo", react=False), strict=True):
        assert ratio in measured
    assert (theory[1:] < silo_bullwhip([1] * 4, window)[1:]).all()
    assert (np.diff(theory) > 0).all()


def test_a_window_has_at_least_one_period() -> None:
    with pytest.raises(InputError, match=r"agent\.window: found 0"):
        make_agent({"type": "moving_average", "window": 0})
