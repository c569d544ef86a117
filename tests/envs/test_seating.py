"""Who sits where: policies, learners and a rule for controllers that are down, at one table."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pettingzoo.test import api_test, parallel_api_test
from pettingzoo.utils.conversions import parallel_to_aec

from orderup.envs.api.central import CentralNetwork
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.api.vector import VectorNetwork
from orderup.envs.authority.actions import ActionMap
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.catalogue import list_autonomy, load_autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision, Decisions
from orderup.envs.seating import Dropout, Seating, UsualLevel
from orderup.envs.simulator import Simulator

from .levels_of_autonomy import level, says

PERIODS = 8
at_every_level = pytest.mark.parametrize("preset", list_autonomy())


class Constant:
    """Orders up to one level on every lane, and remembers whom it was told to be."""

    def __init__(self, units: float) -> None:
        self.units = units
        self.seats: tuple[str, ...] = ()

    def reset(self, context: Context) -> None:
        self.seats = context.seats

    def act(self, information: Information) -> Decision:
        assert information.seats == self.seats
        return Decision(level=np.full((1, 1, 1), self.units))


def drawn(env: ParallelNetwork, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    return {agent: rng.uniform(-1, 1, env.action_space(agent).shape).astype(np.float32) for agent in env.agents}


# Conformance


@at_every_level
def test_pettingzoos_tests_pass_at_every_preset(preset: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # stock has no upper bound, and a centre's level no lower one
        warnings.filterwarnings("ignore", message=".*space.* value is -?infinity")
        warnings.filterwarnings("ignore", message="(Agents have|Observations are) different")  # a planner sees more
        parallel_api_test(ParallelNetwork("owmr", preset, horizon=PERIODS), num_cycles=2 * PERIODS)
        api_test(parallel_to_aec(ParallelNetwork("owmr", preset, horizon=PERIODS)), num_cycles=3 * PERIODS)


@at_every_level
def test_observations_stay_in_their_space_and_the_agents_the_same(preset: str) -> None:
    env, rng = ParallelNetwork("owmr", preset, horizon=PERIODS), np.random.default_rng(0)
    autonomy = load_autonomy(preset)
    expected = [name for name in env._seats.simulator.numpy_network.sites if autonomy.has_sites]
    assert env.possible_agents == expected + ([PLANNER] if autonomy.has_planner else [])
    observations, infos = env.reset(seed=0)
    for period in range(PERIODS):
        assert env.agents == env.possible_agents == [*observations] == [*infos]
        for agent in env.agents:
            assert env.observation_space(agent).contains(observations[agent])
            assert infos[agent]["active"] == (agent != PLANNER or period % autonomy.cadence == 0)
        observations, _, terminations, truncations, infos = env.step(drawn(env, rng))
        assert set(truncations.values()) == {period == PERIODS - 1}
        assert not any(terminations.values())


# Filled and open seats


def seats_of(**seats: Any) -> tuple[str, ...]:
    return Seating(Simulator("owmr", level("band", band=1.0)), {name: Constant(1) for name in seats}).open


def test_the_agents_are_the_open_seats() -> None:
    everybody = Simulator("owmr", level("band", band=1.0)).seats
    assert seats_of() == everybody
    assert seats_of(planner=1) == everybody[:-1]
    assert seats_of(sites=1) == (PLANNER,)
    assert seats_of(store_2=1, planner_0=1) == tuple(name for name in everybody if name not in ("store_2", PLANNER))
    env = ParallelNetwork("owmr", level("band", band=1.0), seats={"store_2": Constant(1), "planner": Constant(1)})
    assert tuple(env.possible_agents) == seats_of(store_2=1, planner=1)


@pytest.mark.parametrize(
    ("seats", "message"),
    [
        (("store_9",), r"^seats: found 'store_9'; accepted: one of planner, sites, store_1, "),
        (("planner",), r"^seats: found 'planner_0'"),
        (("sites", "store_1"), r"^seats\.store_1: found 'two policies'"),
    ],
)
def test_a_seat_that_is_not_there_or_is_taken_is_refused(seats: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Seating(Simulator("owmr"), {name: Constant(1) for name in seats})


def test_a_table_without_an_open_seat_is_no_environment() -> None:
    with pytest.raises(InputError, match=r"^seats: found 'all filled'"):
        ParallelNetwork("owmr", "hybrid_soe", seats={"planner": Constant(1), "sites": Constant(1)})


@pytest.mark.parametrize("autonomy", ["hybrid_soe", "management_by_exception"])
def test_an_environment_whose_planner_is_a_policy_is_the_simulator_with_that_policy(autonomy: str) -> None:
    env, rng = ParallelNetwork("owmr", autonomy, horizon=PERIODS, seats={"planner": UsualLevel()}), np.random.default_rng(0)
    simulator = Simulator("owmr", autonomy, horizon=PERIODS)
    seating = Seating(simulator, {"planner": UsualLevel()})
    actions = ActionMap.of(simulator.context(party="sites"))
    env.reset(seed=4)
    seating.reset(seed=4)
    while env.agents:
        chosen = drawn(env, rng)
        ledger = simulator.advance(seating.decisions({"sites": actions(np.stack([*chosen.values()])[None], simulator.backend)}))
        _, rewards, _, _, infos = env.step(chosen)
        assert [info["cost"] for info in infos.values()] == ledger.by_site[:, 0].tolist()
        assert set(rewards.values()) == {-ledger.cost[0] / 6} or np.allclose([*rewards.values()], -ledger.cost[0] / 6)


def test_each_of_a_mixed_team_decides_for_its_own_lanes() -> None:
    """Two policies and an outsider, whose levels are the lanes' orders from an empty network."""
    simulator = Simulator("owmr", horizon=2)
    seating = Seating(simulator, {"store_1": Constant(500), "store_3": Constant(700), "warehouse_1": Constant(500)})
    seating.reset(seed=0)
    made = seating.decisions({"sites": Decision(level=np.full((1, 1, 1), 900.0))})
    assert made.sites is not None
    levels = np.broadcast_to(made.sites.level, (1, 6, 1))[0, :, 0]
    to = [simulator.numpy_network.sites[site] for site in simulator.numpy_network.topology.destination]
    wanted = {"store_1": 500, "store_3": 700, "warehouse_1": 500}
    assert levels.tolist() == [wanted.get(site, 900) for site in to]


def test_a_mixed_team_in_a_band_may_speak_of_levels_and_of_distances() -> None:
    """Store 1's policy names a level, beyond the band; a learner the distance 0.5·b·u, in a band of one mean demand."""
    env = ParallelNetwork("owmr", level("band", band=1.0), seats={"planner": UsualLevel(), "store_1": Constant(1e6)}, horizon=3)
    env.reset(seed=0)
    env.step({agent: says(0.5) for agent in env.agents})
    simulator = env._seats.simulator
    assert simulator.centre.distance is not None
    by_lane = dict(zip(simulator.numpy_network.lanes, simulator.centre.distance[:, 0, 0].tolist(), strict=True))
    assert by_lane.pop("warehouse_1->store_1") == pytest.approx(1.0)
    assert [*by_lane.values()] == pytest.approx([0.5] * 5)


@pytest.mark.parametrize("action", [-1.0, -0.25, 0.0, 0.5, 1.0])
def test_a_banded_learners_action_is_a_distance_of_that_share_of_the_band(action: float) -> None:
    """b = 2 mean demands of 12, 16, …; the centre's levels are the usual ones."""
    simulator = Simulator("owmr", level("band", band=2.0))
    simulator.reset(seed=0)
    actions = ActionMap.of(simulator.context(party="sites"))
    made = actions(np.full((1, 6, 1), action), simulator.backend)
    means = simulator.numpy_network.loads.mean[simulator.numpy_network.topology.destination, :, 0]
    assert made.relative is True
    np.testing.assert_allclose(made.level[0], action * 2.0 * means)
    simulator.advance(Decisions(Decision(level=np.full(1, 100.0)), made))
    banded = Simulator("owmr", level("band", band="inf"))
    assert not ActionMap.of(banded.context(party="sites"))(np.zeros((1, 6, 1)), banded.backend).relative


# Controllers that are down


def run(dropout: Dropout | None, autonomy: Any = "autonomous_silo", units: float = 300.0, scenario: str = "owmr") -> list[Any]:
    """On hand after every period."""
    simulator = Simulator(scenario, autonomy, batch=3, horizon=PERIODS)
    policies = {"sites": Constant(units)} | ({"planner": UsualLevel()} if simulator.autonomy.has_planner else {})
    seating = Seating(simulator, policies, dropout)
    seating.reset(seed=0)
    found = []
    while not simulator.done:
        simulator.advance(seating.decisions())
        found.append(simulator.now.state)
    return found


def test_a_controller_that_fails_at_once_and_for_good_leaves_its_site_at_the_usual_level() -> None:
    simulator = Simulator("owmr", batch=3, horizon=PERIODS)
    simulator.reset(seed=0)
    usual = UsualLevel()
    usual.reset(simulator.context())
    for period, state in enumerate(run(Dropout(1.0, 0.0))):
        simulator.advance(usual.act(simulator.information) if period else Decision(level=np.full(1, 300.0)))
        assert np.array_equal(simulator.now.state.on_hand, state.on_hand)
        assert np.array_equal(simulator.now.state.on_order, state.on_order)


def test_a_controller_that_never_fails_is_as_if_nothing_could() -> None:
    for one, other in zip(run(None), run(Dropout(0.0, 1.0)), strict=True):
        assert np.array_equal(one.on_hand, other.on_hand)


def test_another_fallback_may_be_given_and_the_seat_is_not_active_meanwhile() -> None:
    for one, other in zip(run(Dropout(1.0, 0.0, Constant(300.0))), run(None), strict=True):
        assert np.array_equal(one.on_hand, other.on_hand)
    env = ParallelNetwork("owmr", dropout=Dropout(1.0, 0.0), horizon=3)
    _, infos = env.reset(seed=0)
    assert {info["active"] for info in infos.values()} == {1}
    for _ in range(2):
        *_, infos = env.step({agent: says(0.5) for agent in env.agents})
        assert {info["active"] for info in infos.values()} == {0}


def test_controllers_fail_and_come_back_at_their_rates_and_alike_in_every_batch() -> None:
    simulator = Simulator("owmr", batch=300, horizon=200)
    seating = Seating(simulator, {"sites": Constant(1)}, Dropout(0.1, 0.3))
    seating.reset(seed=0)
    assert seating._down is not None
    assert seating._down[50:].mean() == pytest.approx(0.1 / 0.4, abs=0.01)
    alone = Seating(Simulator("owmr", horizon=200), {"sites": Constant(1)}, Dropout(0.1, 0.3))
    alone.reset(seed=0, episodes=[7])
    assert alone._down is not None
    assert np.array_equal(alone._down[:, 0], seating._down[:, 7])


def test_dropout_in_a_band_falls_back_to_a_level_within_it() -> None:
    env = ParallelNetwork("owmr", "hybrid_soe", seats={"planner": UsualLevel()}, dropout=Dropout(1.0, 0.0), horizon=3)
    env.reset(seed=0)
    for _ in range(2):
        env.step({agent: says(1) for agent in env.agents})
    distance = env._seats.simulator.centre.distance
    assert distance is not None
    assert not distance.any()


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_chance_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match=r"^dropout\.rate"):
        Dropout(rate, 0.5)
    with pytest.raises(InputError, match=r"^dropout\.recovery"):
        Dropout(0.5, rate)


def test_dropout_is_refused_where_no_site_decides() -> None:
    with pytest.raises(InputError, match=r"^dropout: found 'authority central'"):
        Seating(Simulator("owmr", "central_ideal"), dropout=Dropout(0.1, 0.1))


def test_who_falls_back_asks_no_peer_for_anything() -> None:
    """Lateral lanes go by quantities, and a usual one of these is none."""
    simulator = Simulator("reference", horizon=PERIODS)
    seating = Seating(simulator, {"sites": UsualLevel()})
    seating.reset(seed=0)
    lateral = np.array([simulator.numpy_network.scenario_lane(lane).lateral for lane in simulator.numpy_network.lanes])
    assert lateral.any()
    while not simulator.done:
        simulator.advance(seating.decisions())
        assert simulator.now.flows is not None
        assert not simulator.now.flows.orders[lateral].any()


# Which levels the other adapters serve


def test_rows_are_sites_or_planners_and_never_both() -> None:
    with pytest.raises(InputError, match=r"^autonomy: found 'open seats store_1.*planner_0'"):
        VectorNetwork("owmr", "hybrid_soe", copies=2)
    assert VectorNetwork("owmr", "hybrid_soe", copies=2, seats={"planner": UsualLevel()}).num_envs == 12
    assert VectorNetwork("owmr", "hybrid_soe", copies=2, seats={"sites": UsualLevel()}).num_envs == 2
    assert VectorNetwork("owmr", "central_stale", copies=2).num_envs == 2


def test_a_one_agent_environment_wants_the_planner_alone() -> None:
    for preset in ("autonomous_silo", "hybrid_soe"):
        with pytest.raises(InputError, match=r"^autonomy: found 'open seats store_1"):
            CentralNetwork("owmr", preset)
    env = CentralNetwork("owmr", "hybrid_soe", seats={"sites": UsualLevel()}, horizon=PERIODS)
    _, info = env.reset(seed=0)
    active = [info["active"]]
    done = False
    while not done:
        *_, done, info = env.step(np.zeros(env.action_space.shape or (), dtype=np.float32))
        active.append(info["active"])
    assert active == [int(period % 7 == 0) for period in range(PERIODS + 1)]
