"""What comes of a training in which each site learns for itself: its own costs are told, the last policy kept, gains found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.exact.serial import Transfers, TwoStages
from orderup.agents.learning.learner import Task
from orderup.agents.learning.learnt import Learnt
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.agents.runs import checkpoint
from orderup.agents.runs.metrics import kept_rows
from orderup.agents.training.train import prepare, train
from orderup.envs.authority.rewards import reward_of
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError

pytest.importorskip("torch")

from orderup.agents.pathwise.training_setup import PathwiseSetup  # it needs PyTorch
from orderup.agents.training.deviation import best_response  # as above

LEVELS: dict[str, Any] = {"type": "pathwise", "network": False, "reward": "own"}
OWN = reward_of("own")


@pytest.fixture(scope="module")
def task() -> Task:
    return Task(load_scenario("selfish_line"), load_autonomy("autonomous_silo"), 0)


def at(task: Task, levels: tuple[float, float]) -> Learnt:
    """The line's stages with these order-up-to levels."""
    learner = make_agent(LEVELS)
    setup = PathwiseSetup(learner, task, copies=1)  # type: ignore[arg-type] # it is pathwise
    usual = setup.simulator.numpy_network.usual_level[:, 0]
    policy = setup.policies({"sites/constant": (np.array(levels) / usual - 1.0)[:, None].astype(np.float32)})["sites"]
    return Learnt(sites=policy)


def test_own_costs_are_told_and_what_was_learnt_last_is_what_is_judged(tmp_path: Path) -> None:
    keys = {"copies": 16, "steps": 16 * 40 * 12, "periods": 20, "deviation_steps": 0, "examinations": 6}
    run = train("selfish_line-small", agent={**LEVELS, **keys}, folder=tmp_path, progress=False)
    tried = [row for row in kept_rows(run.folder) if row["cost"] is not None]
    for row in tried:
        assert (row["own_cost_store_1"] or 0) + (row["own_cost_warehouse_1"] or 0) == pytest.approx(row["cost"])
    best, last = (checkpoint.load(run.folder, which) for which in ("best", "last"))
    assert best.periods == last.periods == tried[-1]["periods"]
    assert min(row["cost"] or 0 for row in tried) < (tried[-1]["cost"] or 0)  # a cheaper one for the network was not kept
    found = run.result
    assert found is not None
    assert (found["chosen_by"], found["deviation"]) == ("own", None)
    assert sum(paid["mean"] for paid in found["own_cost"].values()) == pytest.approx(found["cost"]["mean"])
    assert set(found["still_moved_by"]) == {"store_1", "warehouse_1"}


def test_nobody_gains_by_leaving_the_equilibrium_of_theory_and_whoever_is_far_from_it_does(task: Task) -> None:
    """From the levels that are best for both, the retailer would keep more, now that the supplier does not pay for it."""
    demand = task.scenario.customers[0].demand.over(["product"], 1)
    line = TwoStages((1.0, 0.3), 4.0, (0, 2), demand, 0.1, Transfers(backlog_share=0.1))
    equilibrium = line.equilibrium()
    start = at(task, equilibrium.levels)
    for place, site in enumerate(("store_1", "warehouse_1")):
        left = best_response(task, start, OWN, site, 600_000)
        if left is not None:
            gain = (task.own_costs(start, OWN, 256, 64) - task.own_costs(left, OWN, 256, 64))[1 + place].mean()
            assert gain < 0.002 * equilibrium.costs[place]
    start = at(task, line.best_levels)
    left = best_response(task, start, OWN, "warehouse_1", 1_000_000)
    assert left is not None
    gain = (task.own_costs(start, OWN, 256, 64) - task.own_costs(left, OWN, 256, 64))[2].mean()
    best = line.costs((line.best_levels[0], line.best_of_supplier(line.best_levels[0])))[1]
    assert gain == pytest.approx(line.costs(line.best_levels)[1] - best, rel=0.1)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_selfish_stages_learn_the_equilibrium_and_terms_bring_them_back(tmp_path: Path) -> None:
    """The price of anarchy within a tenth of theory's, next to nothing to gain by leaving, and nothing with the closed form."""
    dearer = {}
    for name, terms in (("selfish_line", (0.1,)), ("selfish_line_repaired", (0.1, 0.5, 1.6, 0.607))):
        run = train(name, agent={**LEVELS, "steps": 4_000_000}, name=name, folder=tmp_path, progress=False)
        member = run.agent.learnt.parties["sites"]
        assert isinstance(member, NetworkPolicy)
        setup = PathwiseSetup(make_agent(LEVELS), Task(run.scenario, run.autonomy, 0), copies=1)  # type: ignore[arg-type]
        usual = setup.simulator.numpy_network.usual_level[:, 0]
        levels = np.round((1 + member.tensors["constant"][:, 0]) * usual, 1).tolist()
        demand = run.scenario.customers[0].demand.over(["product"], 1)
        line = TwoStages((1.0, 0.3), 4.0, (0, 2), demand, 0.1, Transfers(*terms))
        paid = line.costs((levels[0], levels[1]))
        retailer = line.costs((line.best_of_retailer(levels[1]), levels[1]))[0]
        supplier = line.costs((levels[0], line.best_of_supplier(levels[0])))[1]
        assert paid[0] - retailer < 0.005 * paid[0]
        assert paid[1] - supplier < 0.005 * paid[1]
        assert run.result is not None
        assert run.result["deviation"]["largest_share"] < 0.005
        dearer[name] = (sum(paid) / line.optimum - 1, line.equilibrium().price_of_anarchy)
    found, exact = dearer["selfish_line"]
    assert found == pytest.approx(exact, rel=0.1)
    assert dearer["selfish_line_repaired"][0] < 0.005


def test_a_site_that_leaves_changes_alone(task: Task) -> None:
    """Be it by levels or by a network that it had in common with others."""
    keys = {"type": "pathwise", "hidden": [4]}
    setup = PathwiseSetup(make_agent(keys), task, copies=1)  # type: ignore[arg-type] # it is pathwise
    start = setup.learnt(setup.start())
    left = best_response(task, start, OWN, "warehouse_1", 60_000)
    assert left is not None
    before, after = start.parties["sites"], left.parties["sites"]
    assert isinstance(before, NetworkPolicy)
    assert isinstance(after, NetworkPolicy)
    assert (before.spec.groups, after.spec.groups) == ([], [0, 1])
    for name, values in after.tensors.items():
        same = values if name in ("centre", "scale") else values[0]
        old = before.tensors[name][0] if name == "constant" else before.tensors[name]
        np.testing.assert_array_equal(same, old)
    assert (after.tensors["constant"][1] != before.tensors["constant"][1]).all()


def test_a_game_is_not_tuned_by_one_cost(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tune: found 'reward own'; accepted: a reward that all share"):
        prepare("selfish_line", "autonomous_silo", LEVELS, 0, None, tmp_path, False, {}, search=True)
