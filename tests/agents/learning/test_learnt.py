"""Who decides after a training, for one party or for both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents import make_agent
from orderup.agents.learning.learner import Task
from orderup.agents.learning.learnt import Learnt
from orderup.agents.team import seated
from orderup.agents.training.train import train
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ..learners import LINE, both_for, policy_for

PATH = "tests.agents.learners"


def task(autonomy: Any, scenario: Any = LINE) -> Task:
    return Task(load_scenario(scenario), load_autonomy(autonomy), 0)


@pytest.mark.parametrize("level", ["autonomous_silo", "central_ideal", "hybrid_soe", "management_by_exception", "federated"])
def test_what_was_learnt_for_a_level_is_evaluated_there_as_any_agent_is(tmp_path: Path, level: str) -> None:
    run = train(LINE, level, f"{PATH}:Guess", folder=tmp_path, progress=False)
    evaluated = orderup.evaluate(LINE, level, run.agent, episodes=8)
    parties = {name for name in ("sites", "planner") if getattr(load_autonomy(level), f"has_{name}")}
    assert set(run.agent.learnt.parties) == parties
    twin = orderup.evaluate(LINE, level, make_agent({"type": "trained", "run": str(run.folder)}), episodes=8)
    np.testing.assert_array_equal(evaluated.episodes["cost"], twin.episodes["cost"])
    assert evaluated.cost != orderup.evaluate(LINE, level, "base_stock", episodes=8).cost


def test_a_planner_by_its_keys_and_learnt_sites_act_as_the_team_of_both() -> None:
    planner, sites = {"type": "echelon_base_stock"}, policy_for(LINE, "hybrid_soe", party="sites")
    sim = Simulator(LINE, "hybrid_soe")
    members = seated(Learnt(sites=sites, planner=planner), sim)
    assert members["sites"] is sites
    assert members["planner"] == make_agent(planner)
    costs = task("hybrid_soe").costs(Learnt(sites=sites, planner=planner), 5)
    with_hold = task("hybrid_soe").costs(Learnt(sites=sites, planner={"type": "base_stock", "levels": {"store_1": 99}}), 5)
    assert (costs != with_hold).any()


def test_a_policy_alone_is_what_was_learnt_for_the_party_of_its_level() -> None:
    for level, party in (("autonomous_silo", "sites"), ("central_ideal", "planner")):
        policy = policy_for(LINE, level)
        learnt = Learnt.alone(load_autonomy(level), policy)
        assert learnt.parties == {party: policy}
        np.testing.assert_array_equal(task(level).costs(learnt, 3), task(level).costs(policy, 3))
    with pytest.raises(InputError, match="the sites alone decide, or the centre alone"):
        Learnt.alone(load_autonomy("hybrid_soe"), policy_for(LINE))


def test_a_party_that_was_not_there_in_training_is_missed_where_it_decides() -> None:
    sites = Learnt(sites=policy_for(LINE))
    with pytest.raises(InputError, match="learnt for the sites only'; accepted: one learnt for the seats of the planner"):
        task("hybrid_soe").costs(sites)
    with pytest.raises(InputError, match="the seats of the sites"):
        task("autonomous_silo").costs(Learnt(planner={"type": "base_stock"}))
    both = both_for(LINE, "hybrid_soe")
    assert list(both.members(Simulator(LINE, "central_ideal"))) == ["planner"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "learnt: found 'nobody'"),
        ({"planner": {"type": "team", "sites": "base_stock"}}, "learnt.planner: found"),
        ({"sites": {"type": "ech"}}, "an agent that comes with the project: .*base_stock"),
        ({"sites": {"type": "base_stock", "levelz": {}}}, "learnt.sites: found 'levelz'"),
    ],
)
def test_nobody_and_nonsense_are_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Learnt(**keys)


def test_episodes_are_the_same_however_they_are_divided() -> None:
    whole = task("autonomous_silo").costs(make_agent("base_stock"), 100)
    assert whole.shape == (20, 100)
    parts = [task("autonomous_silo").costs(make_agent("base_stock"), count, first) for first, count in ((0, 30), (30, 70))]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_the_reference_and_the_bound_are_those_of_theory() -> None:
    line = task("autonomous_silo", "serial_poisson")
    reference, bound = line.reference(256), line.bound(256)
    assert reference is not None
    assert bound is not None
    assert bound.mean() == pytest.approx(25.17, rel=0.03)  # Clark and Scarf's optimum of this line
    assert bound.mean() < reference.mean() < 1.2 * bound.mean()


def test_no_bound_is_made_up_where_theory_knows_none() -> None:
    for name in ("owmr", "pooling", "stale_centre"):
        assert task("autonomous_silo", name).bound(4) is None
    season = {"type": "seasonal", "base": {"type": "poisson", "mean": 10}, "profile": [0.5, 1.5]}
    seasonal = {**LINE, "customers": [{"site": "store_1", "shortage": 9, "demand": season}]}
    assert task("autonomous_silo", seasonal).bound(4) is None
    assert isinstance(task("autonomous_silo").autonomy, Autonomy)
