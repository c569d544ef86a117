"""Silo sites' networks inside a planner's: who knows more starts where they are, and does not end above."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.learning.learner import Task
from orderup.agents.learning.learnt import Learnt, Member
from orderup.agents.networks.embedding import columns, silo_context
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.agents.networks.network_spec import NetworkSpec
from orderup.agents.pathwise.pathwise import Pathwise
from orderup.agents.runs import checkpoint
from orderup.agents.runs.checkpoint import Checkpoint
from orderup.agents.runs.metrics import kept_rows
from orderup.agents.runs.run import Config, load_run, open_run
from orderup.agents.training.train import train
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.information.view import ObservationView
from orderup.envs.simulator import Simulator

from ...at_once import at_once
from ..quiet_journal import QuietJournal, rehearsed
from .test_network_policy import TWO_PRODUCTS, policy_for

torch = pytest.importorskip("torch")

from orderup.agents.gradients.backpropagation import Optimiser, by_party  # noqa: E402 # they need PyTorch
from orderup.agents.gradients.episode_window import EpisodeWindow  # noqa: E402 # as above
from orderup.agents.gradients.objective import Objective  # noqa: E402 # as above
from orderup.agents.learning.stopwatch import Stopwatch  # noqa: E402 # as above
from orderup.agents.pathwise.training_setup import PathwiseSetup  # noqa: E402 # as above
from orderup.commands.train import main  # noqa: E402 # as above

STALE = at_once("stale_centre-small")
FEW: dict[str, Any] = {"copies": 16, "steps": 16 * 30 * 3, "periods": 10, "hidden": [8], "examinations": 3}
TARGETS = {"name": "targets", "visibility": "integrated", "authority": "target"}
SECOND_LANES: dict[str, Any] = {
    **TWO_PRODUCTS,
    "name": "second_lanes",
    "lanes": [
        {"from": "supplier", "to": "store_2", "lead_time": 1, "unit_cost": 2.0},
        {"from": "supplier", "to": "store_1", "lead_time": 3},
        {"from": "store_1", "to": "store_2", "lead_time": 1},
        {"from": "supplier_far", "to": "store_1", "lead_time": 4, "unit_cost": 1.0},
    ],
}


def silo_run(folder: Path, scenario: Any, level: str = "autonomous_silo", member: Member | None = None, **keys: Any) -> Path:
    """The folder of a run whose sites have networks of random numbers, or what is given."""
    member = policy_for(scenario, level, **keys) if member is None else member
    config = Config(scenario=load_scenario(scenario), autonomy=load_autonomy(level), agent={"type": "pathwise"}, seed=0)
    open_run(folder, config, overwrite=False)
    checkpoint.save(folder, "best", Checkpoint(Learnt(sites=member), 0))
    return folder


def task_of(scenario: Any, level: Any = "central_ideal", seed: int = 0) -> Task:
    return Task(load_scenario(scenario), load_autonomy(level), seed)


def learner(folder: Path, **keys: Any) -> Pathwise:
    found = make_agent({"type": "pathwise", **FEW, "start": {"run": str(folder)}, **keys})
    assert isinstance(found, Pathwise)
    return found


def started(folder: Path, scenario: Any, **keys: Any) -> Learnt:
    """What a planner's training on top of the run begins with."""
    setup = PathwiseSetup(learner(folder, **keys), task_of(scenario))
    return setup.learnt(setup.start())


def planner_of(learnt: Learnt) -> NetworkPolicy:
    found = learnt.parties["planner"]
    assert isinstance(found, NetworkPolicy)
    return found


RUNS: dict[str, tuple[Any, dict[str, Any]]] = {
    "whole units": ("owmr-small", {"whole": True, "constants": 6}),
    "demand that lasts": (STALE, {"normalised": True}),
    "a network for each site": (STALE, {"groups": [0, 1, 2, 3, 4, 5]}),
    "a memory": (STALE, {"memory": 3}),
    "a window, each product by itself": (TWO_PRODUCTS, {"window": 3, "products": 2}),
    "gated quantities": (TWO_PRODUCTS, {"form": "quantity", "gated": True}),
    "bounded actions": (TWO_PRODUCTS, {"bounded": True}),
    "several lanes to a site, in no order": (SECOND_LANES, {"constants": 2}),
    "peers who help out": ("transship", {}),
    "stock that spoils": ("perishable-small", {}),
}


@pytest.mark.parametrize("kind", list(RUNS))
def test_a_planner_begins_by_deciding_in_every_period_exactly_what_silo_sites_decide(kind: str, tmp_path: Path) -> None:
    scenario, keys = RUNS[kind]
    folder = silo_run(tmp_path / "silo", scenario, **keys)
    sites = Simulator(scenario, "autonomous_silo", batch=3)
    planner = Simulator(scenario, "central_ideal", batch=3)
    theirs, ours = load_run(folder).agent, planner_of(started(folder, scenario))
    seen, known = sites.reset(5), planner.reset(5)
    theirs.reset(sites.context())
    ours.reset(planner.context())
    decided = []
    while not sites.done:
        wanted, found = theirs.act(seen), ours.act(known)
        for name in ("level", "quantity", "by_quantity"):
            np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
        (seen, paid, _), (known, also_paid, _) = sites.step(wanted), planner.step(found)
        np.testing.assert_array_equal(also_paid.cost, paid.cost)
        decided.append(wanted.quantity if wanted.level is None else wanted.level)
    assert np.stack(decided).std() > 0


@pytest.mark.parametrize(
    "scenario", ["owmr", at_once("stale_centre"), "transship", at_once("seasonal"), TWO_PRODUCTS, SECOND_LANES]
)
def test_what_sites_read_inside_a_planner_is_what_they_would_see_and_he_sees_it_too(scenario: Any) -> None:
    sim, silo = Simulator(scenario, "central_ideal", batch=2), Simulator(scenario, "autonomous_silo", batch=2)
    context, sites = sim.context(), silo.context()
    assert silo_context(context).seats == sites.seats
    ours, theirs, places = ObservationView(context), ObservationView(sites), columns(context)
    known, seen = sim.reset(1), silo.reset(1)
    usual = make_agent("base_stock")
    usual.reset(sites)
    for _ in range(5):
        np.testing.assert_array_equal(ours(known)[:, 0][:, places], theirs(seen))
        decision = usual.act(seen)
        (known, *_), (seen, *_) = sim.step(decision), silo.step(decision)


def test_a_training_that_makes_it_worse_keeps_what_it_started_from(tmp_path: Path) -> None:
    silo = train(STALE, agent={"type": "pathwise", **FEW}, name="silo", folder=tmp_path, progress=False)
    keys = {"type": "pathwise", **FEW, "start": {"run": str(silo.folder)}, "learning_rate": 1.0}
    run = train(STALE, "central_ideal", keys, name="centre", folder=tmp_path, progress=False)
    costs = [row["cost"] for row in kept_rows(run.folder) if row["cost"] is not None]
    start = float(task_of(STALE).costs(started(silo.folder, STALE)).mean())
    assert costs[0] == start == checkpoint.load(silo.folder).cost
    assert max(costs) > start
    assert checkpoint.load(run.folder).cost == min(costs) <= start


@pytest.mark.parametrize("level", ["federated", "autonomous_shared", {"type": "autonomous_shared", "feed_latency": 2}])
def test_sites_that_see_more_begin_as_silo_sites_decide_and_keep_nothing_dearer_where_orders_travel_too(
    level: Any, tmp_path: Path
) -> None:
    silo = train("stale_centre-small", agent={"type": "pathwise", **FEW}, name="silo", folder=tmp_path, progress=False)
    keys = {"type": "pathwise", **FEW, "start": {"run": str(silo.folder)}, "learning_rate": 1.0}
    run = train("stale_centre-small", level, keys, name="open", folder=tmp_path, progress=False)
    costs = [row["cost"] for row in kept_rows(run.folder) if row["cost"] is not None]
    assert costs[0] == pytest.approx(checkpoint.load(silo.folder).cost, rel=1e-6)
    assert checkpoint.load(run.folder).cost == min(costs) <= costs[0] < max(costs)
    learnt = checkpoint.load(run.folder, "last").learnt.parties["sites"]
    assert isinstance(learnt, NetworkPolicy)
    assert (learnt.tensors["0.weight"] != 0).sum(axis=1).min() > 14  # of what is new, too, but for what never changes


def test_a_centre_that_learns_on_saves_its_sites_networks_with_it(tmp_path: Path) -> None:
    folder = silo_run(tmp_path / "silo", "owmr-small", whole=True, constants=6, normalised=True)
    keys = {"type": "pathwise", **FEW, "start": {"run": str(folder)}}
    run = train("owmr-small", "central_ideal", keys, name="centre", folder=tmp_path, progress=False)
    task, learnt = task_of("owmr-small"), checkpoint.load(run.folder, "last").learnt
    before, cost = learnt.parties["planner"], task.costs(learnt)
    assert isinstance(before, NetworkPolicy)
    shutil.rmtree(folder)
    after = planner_of(checkpoint.load(run.folder, "last").learnt)
    assert after.spec == before.spec
    assert after.spec.embedded is not None
    np.testing.assert_array_equal(task.costs(Learnt(planner=after)), cost)
    np.testing.assert_array_equal(task.costs(load_run(run.folder).agent), task.costs(checkpoint.load(run.folder).learnt))


def test_the_sites_networks_are_learnt_on_and_what_they_are_centred_by_stays(tmp_path: Path) -> None:
    folder = silo_run(tmp_path / "silo", "owmr-small", constants=6, normalised=True, whole=True)
    journal = rehearsed(learner(folder), task_of("owmr-small"))
    before, after = planner_of(started(folder, "owmr-small")).tensors, journal.network.tensors
    moved = {name for name in before if (before[name] != after[name]).any()}
    theirs = {"0.weight", "0.bias", "1.weight", "1.bias", "constant"}
    assert {name.removeprefix("embedded/") for name in moved if name.startswith("embedded/")} == theirs
    assert {name for name in moved if not name.startswith("embedded/")} == theirs


def test_the_gradient_reaches_the_sites_networks(tmp_path: Path) -> None:
    folder = silo_run(tmp_path / "silo", STALE, memory=3)
    setup = PathwiseSetup(learner(folder), task_of(STALE), copies=8)
    simulator = Simulator(STALE, "central_ideal", batch=8, horizon=12, backend="torch", dtype="float64")
    setup.simulator = simulator
    search = Optimiser({name: values.astype(float) for name, values in setup.start().items()}, 0.1, 1, 1.0, "cpu")
    table = setup.rollout(search, Objective(1.0, 0.5), Stopwatch())
    table.policies["planner"].parameters = by_party(search.numbers | search.fixed, "planner")  # type: ignore[attr-defined] # it learns

    def cost() -> Any:
        simulator.reset(3, np.arange(8))
        return table.play(EpisodeWindow(0, 12))

    cost().backward()
    for name in ("planner/embedded/0.weight", "planner/embedded/memory.recurrent", "planner/1.weight"):
        values, moved = search.numbers[name], 1e-6
        place = int(values.grad.abs().argmax())  # type: ignore[union-attr] # it has one
        found = []
        with torch.no_grad():
            for sign in (1, -2):
                values.reshape(-1)[place] += sign * moved
                found.append(float(cost()))
            values.reshape(-1)[place] += moved
        slope = float(values.grad.reshape(-1)[place])  # type: ignore[union-attr] # as above
        assert slope == pytest.approx((found[0] - found[1]) / (2 * moved), rel=1e-3)


def test_a_training_that_stopped_goes_on_bit_for_bit(tmp_path: Path) -> None:
    folder = silo_run(tmp_path / "silo", STALE, memory=3)
    task = task_of(STALE)
    whole = rehearsed(learner(folder), task)
    half: QuietJournal = rehearsed(learner(folder), task, stop_after=1)
    rest = rehearsed(learner(folder), task, half.now())
    assert len(half.rows) + len(rest.rows) == len(whole.rows)
    for name, values in whole.network.tensors.items():
        np.testing.assert_array_equal(rest.network.tensors[name], values)


def test_what_is_learnt_stands_in_one_order_whatever_that_of_the_file_is(tmp_path: Path) -> None:
    folder = silo_run(tmp_path / "silo", "owmr-small", memory=3)
    setup = PathwiseSetup(learner(folder), task_of("owmr-small"))
    assert setup.embedded is not None
    wanted = [f"planner/embedded/{name}" for name in setup.embedded.spec.shapes]
    setup.embedded.tensors = dict(reversed(setup.embedded.tensors.items()))
    assert [name for name in setup.start() if name.startswith("planner/embedded/")] == wanted


@pytest.mark.parametrize(
    ("level", "keys", "known"),
    [
        ("central_ideal", {}, "6a28687395b19860"),
        ("autonomous_silo", {"memory": 3}, "d134e6e2726abc0d"),
        ("hybrid_soe", {"sharing": "site"}, "499d11b1b8bc8581"),
        ("central_ideal", {"residual_of": "base_stock"}, "6a28687395b19860"),
    ],
)
def test_without_a_run_to_start_from_networks_are_drawn_as_they_were_before_there_was_one(
    level: str, keys: dict[str, Any], known: str
) -> None:
    plain = make_agent({"type": "pathwise", "hidden": [8], **keys})
    assert isinstance(plain, Pathwise)
    digest = hashlib.sha256()
    for name, values in PathwiseSetup(plain, task_of("owmr-small", level, seed=3), copies=2).start().items():
        if not name.endswith(("constant", "centre", "scale")):
            digest.update(name.encode())
            digest.update(values.tobytes())
    assert digest.hexdigest()[:16] == known


def test_with_a_run_to_start_from_the_planners_own_network_is_drawn_as_without(tmp_path: Path) -> None:
    folder = silo_run(tmp_path / "silo", "owmr-small")
    ours = planner_of(started(folder, "owmr-small")).tensors
    setup = PathwiseSetup(make_agent({"type": "pathwise", **FEW}), task_of("owmr-small"))  # type: ignore[arg-type] # a Pathwise
    for name in ("0.weight", "0.bias", "1.weight", "1.bias"):
        np.testing.assert_array_equal(ours[name], planner_of(setup.learnt(setup.start())).tensors[name])


def corrected(scenario: str) -> NetworkPolicy:
    return policy_for(scenario, residual_of={"type": "base_stock"})


@pytest.mark.parametrize(
    ("run", "level", "keys", "said"),
    [
        (
            {"scenario": STALE},
            "central_ideal",
            {},
            "agent.start.run: found 'a run on stale_centre_small_at_once, with other name,",
        ),
        ({"level": "autonomous_shared"}, "central_ideal", {}, "agent.start.run: found 'a run at autonomous_shared, with"),
        ({"member": {"type": "base_stock"}}, "central_ideal", {}, "base_stock decides for the sites'; accepted: one in which"),
        ({"member": "corrected"}, "central_ideal", {}, "agent.start.run: found 'networks that correct base_stock'"),
        (
            {},
            "central_stale",
            {},
            "feed_noise 0.1'; accepted: an autonomy level with feed_latency 0, feed_noise 0.0",
        ),
        ({}, "central_periodic", {}, "agent.start: found 'a run of sites at central_periodic, with cadence 7"),
        (
            {},
            "hybrid_soe",
            {},
            "with authority band, cadence 7, feed_latency 1'; accepted: an autonomy level with authority central",
        ),
        ({}, TARGETS, {}, "found 'a run of sites at targets, with authority target'"),
        ({}, "autonomous_shared", {}, "agent.hidden: found \\[8\\]; accepted: \\[6\\], as in the run to start from"),
        ({}, "autonomous_shared", {"hidden": [6], "sharing": "site"}, "agent.sharing: found"),
        ({}, "central_ideal", {"actions": "allocation"}, "agent.start.run: found 'actions allocation'; accepted: actions="),
        (
            {},
            "central_ideal",
            {"actions": "quantity", "gated": True},
            "agent.start.run: found 'gated'; accepted: .*gated=f",
        ),
        ({}, "central_ideal", {"residual_of": "base_stock"}, "agent.residual_of: found 'start.run beside it'"),
        (
            {},
            "central_ideal",
            {"planner": "base_stock"},
            "agent.planner: found 'base_stock'; accepted: nothing beside",
        ),
        ({}, "central_ideal", {"whole": True}, "agent.whole: found True; accepted: false, as in the run"),
        ({}, "central_ideal", {"start": {"run": "nowhere"}}, "agent.start.run: found 'nowhere'; accepted: the folder of a run"),
        ({}, "central_ideal", {"start": {"run": "{run}", "checkpoint": "../x"}}, "agent.start.checkpoint: found '../x'"),
        ({}, "central_ideal", {"start": {"run": "{run}", "checkpoint": 7}}, "checkpoint: found '7'; accepted: one of best"),
        (
            {},
            "central_ideal",
            {"start": {"run": "{run}", "allow": ["os"]}},
            "agent.start: found 'allow'; accepted: one of",
        ),
    ],
)
def test_what_cannot_start_as_the_sites_do_is_refused_by_its_key(
    run: dict[str, Any], level: Any, keys: dict[str, Any], said: str, tmp_path: Path
) -> None:
    scenario = run.get("scenario", "owmr-small")
    member = corrected(scenario) if run.get("member") == "corrected" else run.get("member")
    folder = silo_run(tmp_path / "silo", scenario, run.get("level", "autonomous_silo"), member)
    if "start" in keys:
        start = {name: str(folder) if value == "{run}" else value for name, value in keys["start"].items()}
        keys = {**keys, "start": start}
    with pytest.raises(InputError, match=said):
        learner(folder, **keys).check(task_of("owmr-small", level))


def test_a_run_whose_sites_read_what_they_cannot_put_into_words_is_refused(tmp_path: Path) -> None:
    promoted = at_once("local_promotions")
    folder = silo_run(tmp_path / "silo", promoted)
    with pytest.raises(InputError, match=r"agent.start.run: found 'networks that read promotions_ahead in 0 of store_1'"):
        learner(folder).check(task_of(promoted))


def test_a_run_at_a_level_with_a_planner_is_no_run_of_silo_sites(tmp_path: Path) -> None:
    run = train("owmr-small", "hybrid_soe", {"type": "pathwise", **FEW}, name="both", folder=tmp_path, progress=False)
    with pytest.raises(InputError, match=r"agent.start.run: found 'a run at hybrid_soe, with authority band"):
        learner(run.folder).check(task_of("owmr-small"))


def test_the_command_line_takes_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    silo_run(tmp_path / "silo", "owmr-small", whole=True)
    few = [f"agent.{name}={value}".replace(" ", "") for name, value in FEW.items()]
    asked = ["scenario=owmr-small", "autonomy=central_ideal", "agent.start.run=silo", *few, "name=centre"]
    assert main(asked) == 0
    assert load_run("runs/centre").settings["start"] == {"run": "silo"}
    with pytest.raises(InputError, match="agent.start: found 'a run of sites at central_ideal"):
        main([*asked, "autonomy.feed_latency=1"])


def test_only_networks_that_decide_by_themselves_are_embedded_and_nothing_stands_beside_them() -> None:
    spec = NetworkSpec(observation=["a"], action=1, form="level", hidden=[2], activation="relu")
    assert spec.model_copy(update={"embedded": spec}).shapes["embedded/1.weight"] == (1, 2)
    assert "embedded" not in spec.model_dump(exclude_none=True)
    plain = spec.model_dump()
    inner = {**plain, "embedded": plain}
    for wrong in (
        {**plain, "embedded": inner},
        {**plain, "embedded": {**plain, "residual_of": {"type": "base_stock"}}},
        {**inner, "residual_of": {"type": "base_stock"}},
        {**inner, "form": "allocation"},
    ):
        with pytest.raises(InputError, match="embedded: found"):
            validated(NetworkSpec, wrong)
