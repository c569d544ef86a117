from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents import make_agent
from orderup.agents.team import Team, seated
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

LINE = "serial_poisson"
SITES = ("stage_1", "stage_2", "stage_3", "stage_4")


def costs(autonomy: Any, agent: Any, **options: Any) -> Any:
    options = {"episodes": 4, "horizon": 80, **options}
    return orderup.evaluate(LINE, autonomy, agent, **options).episodes["cost"].to_numpy()


def team(**keys: Any) -> dict[str, Any]:
    return {"type": "team", **keys}


def test_a_named_site_is_filled_by_its_own_member_and_the_others_by_sites() -> None:
    simulator = Simulator(LINE, "autonomous_silo")
    members = seated(make_agent(team(sites="base_stock", seats={"stage_2": "sterman"})), simulator)
    assert list(members) == list(SITES)
    kinds = {seat: type(member).__name__ for seat, member in members.items()}
    assert kinds == {"stage_1": "BaseStock", "stage_2": "Sterman", "stage_3": "BaseStock", "stage_4": "BaseStock"}
    assert members["stage_1"] is members["stage_3"]


def test_every_member_decides_for_its_own_lanes() -> None:
    simulator = Simulator(LINE, "autonomous_silo", batch=3)
    human = {"type": "sterman", "desired": 40.0}
    seating = Seating(simulator, seated(make_agent(team(sites="base_stock", seats={"stage_2": human})), simulator))
    seating.reset(seed=5)
    mixed = seating.decisions().sites
    assert mixed is not None
    alone = {}
    for name in ("base_stock", "sterman"):
        agent = make_agent(human if name == "sterman" else name)
        agent.reset(simulator.context())
        alone[name] = agent.act(simulator.information)
    lane = simulator.numpy_network.lanes.index("stage_3->stage_2")
    np.testing.assert_array_equal(mixed.by_quantity, np.arange(4) == lane)
    np.testing.assert_array_equal(mixed.quantity[:, lane], alone["sterman"].quantity[:, lane])
    others = np.arange(4) != lane
    np.testing.assert_array_equal(mixed.level[:, others], alone["base_stock"].level[:, others])


@pytest.mark.parametrize("agent", ["base_stock", {"type": "moving_average", "window": 5}, "sterman"])
def test_a_team_of_equals_is_one_of_them_bit_for_bit(agent: Any) -> None:
    alone = costs("autonomous_silo", agent)
    np.testing.assert_array_equal(costs("autonomous_silo", team(sites=agent)), alone)
    np.testing.assert_array_equal(costs("autonomous_silo", team(seats=dict.fromkeys(SITES, agent))), alone)
    np.testing.assert_array_equal(costs("autonomous_silo", team(sites="hold", seats=dict.fromkeys(SITES, agent))), alone)


def test_every_human_among_machines_makes_the_line_dearer() -> None:
    found = [
        costs("autonomous_silo", team(sites="base_stock", seats=dict.fromkeys(SITES[:count], "sterman"))) for count in range(5)
    ]
    assert (found[0] < np.array(found[1:])).all()
    np.testing.assert_array_equal(found[-1], costs("autonomous_silo", "sterman"))


def test_a_planner_and_sites_of_another_kind_share_a_level() -> None:
    simulator = Simulator(LINE, "hybrid_soe")
    members = seated(make_agent(team(planner="base_stock", sites="sterman")), simulator)
    assert {seat: type(member).__name__ for seat, member in members.items()} == {
        **dict.fromkeys(SITES, "Sterman"),
        "planner_0": "BaseStock",
    }


def test_without_a_band_only_the_planner_of_a_team_counts() -> None:
    mixed = team(planner="base_stock", sites={"type": "moving_average", "window": 3})
    banded = costs({"type": "hybrid_soe", "band": 0.0}, mixed)
    target = {"name": "target", "authority": "target", "visibility": "neighbours", "cadence": 7, "feed_latency": 1}
    np.testing.assert_array_equal(banded, costs(target, team(planner="base_stock")))
    assert (banded != costs({"type": "hybrid_soe", "band": 2.0}, mixed)).any()


def test_with_an_endless_band_only_its_sites_count() -> None:
    mixed = team(planner="hold", sites="base_stock")
    endless = costs({"type": "hybrid_soe", "band": float("inf")}, team(planner="base_stock", sites={"type": "base_stock"}))
    np.testing.assert_array_equal(endless, costs("autonomous_silo", "base_stock"))
    with pytest.raises(InputError, match="levels"):
        costs("hybrid_soe", mixed)


def test_a_planner_may_be_named_as_a_seat() -> None:
    by_name, usual = team(sites="base_stock", seats={"planner_0": "base_stock"}), team(sites="base_stock", planner="base_stock")
    np.testing.assert_array_equal(costs("hybrid_soe", by_name), costs("hybrid_soe", usual))


def test_one_agent_for_a_whole_level_is_a_copy_of_itself_for_each_party() -> None:
    agent = make_agent("moving_average")
    found = seated(agent, Simulator(LINE, "hybrid_soe"))
    assert list(found) == ["sites", "planner"]
    assert found["sites"] is agent
    assert found["planner"] == agent
    assert found["planner"] is not agent
    assert list(seated(agent, Simulator(LINE, "central_ideal"))) == ["planner"]


def test_a_team_of_nobody_is_refused() -> None:
    with pytest.raises(InputError, match="nobody"):
        make_agent("team")


def test_an_empty_seat_is_named_wherever_a_team_is_evaluated() -> None:
    with pytest.raises(InputError, match=r"agent\.seats\.stage_2.*nobody"):
        costs("autonomous_silo", team(seats={"stage_1": "base_stock"}))
    with pytest.raises(InputError, match=r"agent\.seats\.planner_0.*nobody"):
        costs("hybrid_soe", team(sites="base_stock"))


def test_a_seat_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnknownName, match="stage_4"):
        costs("autonomous_silo", team(sites="base_stock", seats={"stage_9": "base_stock"}))


def test_a_seat_is_not_given_twice() -> None:
    with pytest.raises(InputError, match=r"seats\.planner_0"):
        make_agent(team(planner="base_stock", seats={"planner_0": "base_stock"}))


def test_an_unknown_member_is_answered_with_the_known_agents() -> None:
    with pytest.raises(InputError, match=r"agent\.sites.*'bas_stock'.*base_stock"):
        make_agent(team(sites="bas_stock"))
    with pytest.raises(InputError, match=r"agent\.seats\.stage_1.*desired: found -1"):
        make_agent(team(seats={"stage_1": {"type": "sterman", "desired": -1}}))


def test_a_team_does_not_sit_in_one_seat() -> None:
    simulator = Simulator(LINE)
    agent = make_agent(team(sites="base_stock"))
    assert isinstance(agent, Team)
    with pytest.raises(InputError, match="whole table"):
        agent.act(simulator.information)
