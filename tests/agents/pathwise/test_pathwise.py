from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.learning.learner import Task
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.agents.pathwise.pathwise import Pathwise
from orderup.agents.training.train import train
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.costs import landed_cost
from orderup.envs.simulator import Simulator

from ..quiet_journal import QuietJournal, rehearsed

torch = pytest.importorskip("torch")

from orderup.agents.gradients.backpropagation import Optimiser, Rollout, by_party  # noqa: E402 # they need PyTorch
from orderup.agents.gradients.episode_window import EpisodeWindow  # noqa: E402 # as above
from orderup.agents.gradients.objective import Objective  # noqa: E402 # as above
from orderup.agents.learning.stopwatch import Stopwatch  # noqa: E402 # as above
from orderup.agents.pathwise.training_setup import PathwiseSetup  # noqa: E402 # as above

FEW: dict[str, Any] = {"copies": 32, "steps": 32 * 40 * 4, "periods": 20, "hidden": [8]}


def learner(**keys: Any) -> Pathwise:
    agent = make_agent({"type": "pathwise", **FEW, **keys})
    assert isinstance(agent, Pathwise)
    return agent


def task_of(scenario: Any, autonomy: str = "autonomous_silo", seed: int = 0) -> Task:
    return Task(load_scenario(scenario), load_autonomy(autonomy), seed)


def learnt_by(task: Task, state: Any = None, stop_after: int | None = None, **keys: Any) -> QuietJournal:
    return rehearsed(learner(**keys), task, state, stop_after)


def numbers_of(journal: QuietJournal) -> dict[str, Any]:
    return {
        f"{party}/{name}": values
        for party, member in journal.learnt().parties.items()
        if isinstance(member, NetworkPolicy)
        for name, values in member.tensors.items()
    }


class Bench:
    """A table at which single numbers can be moved, in double precision."""

    def __init__(self, scenario: Any, autonomy: str, share: float = 1.0, **keys: Any) -> None:
        task = task_of(scenario, autonomy)
        self.window = EpisodeWindow(0, 15)  # gradients do not pass a burn-in
        self.setup = PathwiseSetup(learner(**keys), task, copies=12)
        self.simulator = Simulator(task.scenario, task.autonomy, batch=12, horizon=15, backend="torch", dtype="float64")
        start = self.setup.start()
        generator = np.random.default_rng(0)
        self.numbers = {
            name: torch.tensor(values + 0.02 * generator.normal(size=values.shape), dtype=torch.float64, requires_grad=True)
            for name, values in start.items()
        }
        self.policies = self.setup.policies(start)
        for party, policy in self.policies.items():
            policy.parameters = by_party(self.numbers, party)
        self.table = Rollout(self.simulator, self.policies, Objective(share, 0.5), Stopwatch())

    def cost(self) -> Any:
        self.simulator.reset(3, np.arange(12))
        return self.table.play(self.window)


@pytest.mark.parametrize(
    ("scenario", "autonomy", "keys"),
    [
        ("serial_clark_scarf", "autonomous_silo", {}),
        ("serial_clark_scarf", "hybrid_soe", {}),
        ("stale_centre", "central_stale", {}),
        ("stale_centre", "federated", {"memory": 3}),
        ("serial_clark_scarf", "autonomous_shared", {"sharing": "site", "window": 2}),
        ("stale_centre", "central_ideal", {"actions": "allocation"}),
    ],
)
def test_the_gradient_of_an_episodes_cost_is_its_finite_difference(scenario: str, autonomy: str, keys: Any) -> None:
    bench = Bench(scenario, autonomy, **keys)
    bench.cost().backward()
    moved, checked = 1e-6, 0
    for name, values in bench.numbers.items():
        if name.endswith(("centre", "scale")):
            continue
        flat, slope = values.detach().reshape(-1), values.grad.reshape(-1)
        for place in np.random.default_rng(1).choice(flat.numel(), min(3, flat.numel()), replace=False):
            with torch.no_grad():
                flat[place] += moved
                up = float(bench.cost())
                flat[place] -= 2 * moved
                down = float(bench.cost())
                flat[place] += moved
            assert float(slope[place]) == pytest.approx((up - down) / (2 * moved), rel=2e-4, abs=1e-6)
            checked += 1
    assert checked >= 9


def test_planner_and_sites_are_trained_together_where_both_decide() -> None:
    bench = Bench("serial_poisson", "hybrid_soe")
    bench.cost().backward()
    for party in ("sites", "planner"):
        slopes = [values.grad for name, values in bench.numbers.items() if name.startswith(f"{party}/")]
        assert any(slope is not None and bool((slope != 0).any()) for slope in slopes)


def test_a_site_that_is_paid_for_itself_follows_the_gradient_of_its_own_cost_alone() -> None:
    """With a number for each site alone: the slope of a site's number is that of its own cost, others' policies given."""
    bench = Bench("serial_clark_scarf", "autonomous_silo", share=0.0, sharing="site")
    bench.cost().backward()
    sites, batch, moved = 3, 12, 1e-6
    constant = bench.numbers["sites/constant"]
    slopes = constant.grad.clone()
    for site in range(sites):
        found = []
        for sign in (1, -1):
            with torch.no_grad():
                constant[site] += sign * moved
                found.append(_own_cost(bench, site, batch))
                constant[site] -= sign * moved
        assert float(slopes[site, 0]) == pytest.approx((found[0] - found[1]) / (2 * moved), rel=2e-4, abs=1e-6)
    team = Bench("serial_clark_scarf", "autonomous_silo", share=1.0, sharing="site")
    team.cost().backward()
    assert float(team.numbers["sites/constant"].grad[2, 0]) != pytest.approx(float(slopes[2, 0]), rel=0.01)


def test_gradients_of_selfish_stages_worked_by_hand() -> None:
    """Constant levels, with stock everywhere, on 15 periods; the supplier pays 0.4 of the retailer's 1.0 per unit on its shelf.

    A unit more at the retailer lies there for 15 periods, and is missing at the supplier for the two until its order arrives;
    a unit more at the supplier lies there for the 13 after that. Neither feels what that costs the other.
    """
    line = {
        "name": "a_line",
        "horizon": 60,
        "sites": {"store_1": {"holding": 1.0, "initial": 40}, "warehouse_1": {"holding": 0.3, "initial": 40}},
        "lanes": [
            {"from": "warehouse_1", "to": "store_1", "lead_time": 0, "terms": {"on_hand": 0.4}},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        ],
        "customers": [{"site": "store_1", "shortage": 4, "demand": {"type": "constant", "value": 1}}],
    }
    found = {}
    for share in (0.0, 1.0):
        bench = Bench(line, "autonomous_silo", share=share, network=False, reward="own")
        unit = bench.simulator.numpy_network.usual_level[:, 0]
        bench.numbers["sites/constant"].data[:, 0] = torch.tensor(60 / unit - 1)
        bench.cost().backward()
        found[share] = bench.numbers["sites/constant"].grad[:, 0].numpy() / unit
    assert found[0.0] == pytest.approx([0.6, 0.3 * 13 / 15])
    assert found[1.0] == pytest.approx([1.0 - 0.3 * 2 / 15, 0.3 * 13 / 15])


def test_each_site_that_learns_for_itself_has_a_network_of_its_own() -> None:
    task = task_of("serial_poisson")
    assert PathwiseSetup(learner(reward="own"), task).specs["sites"].groups == [0, 1, 2, 3]
    assert PathwiseSetup(learner(reward=0.5), task).specs["sites"].groups == [0, 1, 2, 3]
    assert PathwiseSetup(learner(), task).specs["sites"].groups == []


@pytest.mark.parametrize(("scenario", "products"), [("assembly", 1), ("variety_curve", 4)])
def test_products_go_through_the_network_one_by_one_unless_goods_are_made(scenario: str, products: int) -> None:
    task = task_of(scenario)
    assert PathwiseSetup(learner(), task, copies=1).specs["sites"].products == products
    assert PathwiseSetup(learner(by_product=True), task, copies=1).specs["sites"].products == len(task.scenario.products)


def test_without_a_network_constants_alone_are_learnt() -> None:
    numbers = numbers_of(learnt_by(task_of("serial_poisson"), network=False))
    assert list(numbers) == ["sites/constant"]


def _own_cost(bench: Bench, site: int, batch: int) -> float:
    """What a site pays in a counted period of the episodes that are its own, as the objective weighs it."""
    simulator, window = bench.simulator, bench.window
    policy = bench.policies["sites"]
    simulator.reset(3, np.arange(batch))
    policy.reset(simulator.context(0, "sites"))
    rows, total = np.arange(batch) % 3 == site, 0.0
    for period in range(window.periods):
        ledger = simulator.advance(policy.act(simulator.information_of("sites")))
        if period >= window.burn_in:
            total += float(ledger.by_site[site][rows].sum()) * 3 / batch
    return total / window.length


@pytest.mark.parametrize("autonomy", ["autonomous_silo", "hybrid_soe"])
def test_the_same_seed_gives_the_same_numbers_bit_for_bit_and_another_seed_others(autonomy: str) -> None:
    first, second, other = (numbers_of(learnt_by(task_of("serial_poisson", autonomy, seed))) for seed in (0, 0, 1))
    for name, values in first.items():
        assert values.tobytes() == second[name].tobytes()
    assert any((values != other[name]).any() for name, values in first.items())


@pytest.mark.parametrize("stop_after", [1, 3])
def test_one_who_goes_on_ends_where_one_who_never_stopped_does(stop_after: int) -> None:
    task = task_of("serial_poisson", "hybrid_soe")
    whole = learnt_by(task)
    stopped = learnt_by(task, stop_after=stop_after)
    resumed = learnt_by(task, state=stopped.now())
    assert resumed.rows == whole.rows[stop_after:]
    for name, values in numbers_of(whole).items():
        assert values.tobytes() == numbers_of(resumed)[name].tobytes()


def test_learning_starts_at_the_levels_of_its_start_and_gets_better() -> None:
    task = task_of("lost_sales")
    journal = learnt_by(task, copies=128, steps=128 * 50 * 60, hidden=[16], periods=40)
    start = task.costs(make_agent("base_stock")).mean()
    setup = PathwiseSetup(learner(), task, copies=1)
    assert task.costs(setup.learnt(setup.start())).mean() == pytest.approx(start, rel=0.01)
    assert task.costs(journal.learnt()).mean() < 0.85 * start


def test_orders_are_whole_where_demand_is_and_only_there() -> None:
    for scenario, whole in (("lost_sales", True), ("serial_poisson", True), ("serial_clark_scarf", False)):
        (member,) = learnt_by(task_of(scenario)).learnt().parties.values()
        assert isinstance(member, NetworkPolicy)
        assert member.spec.whole is whole


def test_an_agent_may_plan_while_the_sites_learn() -> None:
    journal = learnt_by(task_of("serial_poisson", "hybrid_soe"), planner="echelon_base_stock")
    assert journal.learnt().parties["planner"] == {"type": "echelon_base_stock"}
    assert isinstance(journal.learnt().parties["sites"], NetworkPolicy)


def test_stock_left_at_the_end_of_a_window_is_worth_what_it_cost() -> None:
    simulator = Simulator("dual_source", batch=2, backend="torch")
    simulator.reset(0)
    np.testing.assert_array_equal(landed_cost(simulator.numpy_network.topology, simulator.numpy_network.costs), [[100.0]])
    stock = simulator.now.state.on_hand.sum() + simulator.now.state.in_transit.sum()
    at_the_end = Objective(1.0, 0.5).at_the_end(simulator)
    assert float(at_the_end.sum()) == pytest.approx(-100.0 * float(stock))


def test_a_step_that_explodes_is_not_taken() -> None:
    search = Optimiser({"sites/constant": np.ones((1, 1), np.float32)}, 0.1, 4, 1.0, None)
    search.step(search.numbers["sites/constant"].sum() * float("nan"))
    assert search.arrays()["sites/constant"].item() == 1.0
    assert search.done == 1


@pytest.mark.parametrize(
    ("keys", "scenario", "autonomy", "said"),
    [
        ({"hiden": [3]}, "newsvendor", "autonomous_silo", "hiden"),
        ({"device": "cuda:7"}, "newsvendor", "autonomous_silo", "device"),
        ({"periods": 500}, "newsvendor", "autonomous_silo", "periods"),
        ({"actions": "allocation"}, "owmr", "autonomous_silo", "stock is divided by a centre"),
        ({"actions": "allocation"}, "newsvendor", "central_ideal", "no site supplies another"),
        ({"gated": True}, "newsvendor", "autonomous_silo", "actions=quantity"),
        ({"sites": "base_stock"}, "newsvendor", "autonomous_silo", "somebody who learns"),
        ({"reward": "own"}, "serial_poisson", "hybrid_soe", "unless sites alone learn"),
        ({"network": False, "memory": 3}, "serial_poisson", "autonomous_silo", "nothing with network=false"),
        ({"reward": "others"}, "newsvendor", "autonomous_silo", "reward"),
        ({"start": "sterman"}, "serial_poisson", "autonomous_silo", "agent that sets order-up-to levels"),
        ({"planner": "nobody"}, "serial_poisson", "hybrid_soe", "nobody"),
    ],
)
def test_what_cannot_be_trained_is_refused_by_its_key_and_leaves_nothing(
    tmp_path: Path, keys: dict[str, Any], scenario: str, autonomy: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        train(scenario, autonomy, {"type": "pathwise", **FEW, **keys}, folder=tmp_path, progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("autonomy", ["autonomous_silo", "federated", "central_stale", "management_by_exception", "hybrid_sop"])
def test_a_run_of_it_is_evaluated_from_its_folder(tmp_path: Path, autonomy: str) -> None:
    run = train("beer_game", autonomy, "pathwise", folder=tmp_path, progress=False, copies=16, steps=16 * 36 * 2, hidden=[4])
    import orderup

    assert orderup.evaluate("beer_game", autonomy, run.agent, episodes=4).cost > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "autonomy", "steps", "most"),
    [
        pytest.param("lost_sales", "autonomous_silo", 8_000_000, 0.005, marks=pytest.mark.exhaustive),
        ("dual_source", "autonomous_silo", 3_000_000, 0.002),
        ("serial_poisson", "hybrid_soe", 1_000_000, 0.003),
    ],
)
def test_it_comes_within_parts_of_a_per_cent_of_the_exact_optimum(
    scenario: str, autonomy: str, steps: int, most: float
) -> None:
    task = task_of(scenario, autonomy)
    journal = learnt_by(task, copies=512, steps=steps, hidden=[32, 32], periods=60)
    best = task.bound(2048)
    assert best is not None
    assert abs(task.costs(journal.learnt(), 2048).mean() / best.mean() - 1.0) < most
