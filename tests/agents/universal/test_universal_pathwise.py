"""Learning on families of networks, and going on with what was learnt on one scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents.learning.iterate_average import IterateAverage
from orderup.agents.learning.learner import Task
from orderup.agents.learning.learnt import Learnt
from orderup.agents.make import make_agent
from orderup.agents.runs import checkpoint
from orderup.agents.training.train import resume, train
from orderup.agents.universal.problems import DRAWN, DrawnProblems, drawn_level
from orderup.agents.universal.universal_network import UniversalNetwork, shipped
from orderup.agents.universal.universal_pathwise import UniversalPathwise
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ..quiet_journal import QuietJournal

pytest.importorskip("torch")

TINY: dict[str, Any] = {"start": None, "copies": 4, "standing": 6, "sets": 4, "hidden": 8, "head": 5, "examinations": 2}
FEW: dict[str, Any] = {**TINY, "family": {"networks": 3, "products": 1, "sites": [1, 3]}, "steps": 4 * 60 * 4}


def numbers(folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    member = checkpoint.load(folder, "last").learnt.parties["sites"]
    assert isinstance(member, UniversalNetwork)
    return member.tensors


def trained(tmp_path: Path, name: str, scenario: str = "network_family-small", **keys: Any) -> Path:
    given = {"type": "universal_pathwise", **FEW, **keys}
    return Path(train(scenario, agent=given, name=name, folder=tmp_path, progress=False).folder)


def test_the_same_command_learns_the_same_numbers(tmp_path: Path) -> None:
    one, other = (numbers(trained(tmp_path, name)) for name in ("one", "other"))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_training_that_stopped_goes_on_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from orderup.agents.training.journal import RunJournal

    whole, update = numbers(trained(tmp_path, "whole")), RunJournal.update

    def interrupted(self: RunJournal, periods: int, metrics: Any) -> bool:
        if periods >= 2 * 240:
            self.ask()
        return update(self, periods, metrics)

    with monkeypatch.context() as patched:
        patched.setattr(RunJournal, "update", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path, "parts")
    resume(tmp_path / "parts", progress=False)
    found = numbers(tmp_path / "parts")
    assert all(np.array_equal(whole[name], found[name]) for name in whole)


def test_what_is_kept_is_the_mean_of_the_networks_that_training_passed_through(tmp_path: Path) -> None:
    """By hand: two of four updates are remembered, so that from the third on what was before counts half."""
    average = IterateAverage({"a": np.zeros(1)}, 0.5, 4)
    for done, now in enumerate((4.0, 8.0, 2.0, 6.0), 1):
        average.add({"a": np.full(1, now)}, done)
    assert average.values["a"] == pytest.approx((6.0 / 2 + 2.0 / 2) / 2 + 6.0 / 2)
    last, mean = (trained(tmp_path, str(share), average=share) for share in (0.0, 1.0))
    state = checkpoint.load(mean, "last").state
    assert state is not None
    for name, values in numbers(last).items():  # both trainings walk the same way
        assert np.array_equal(state.tensors[name], values)
    assert any(not np.array_equal(numbers(mean)[name], values) for name, values in numbers(last).items())


def test_what_was_learnt_on_a_family_decides_on_any_scenario_and_is_gone_on_with(tmp_path: Path) -> None:
    family = trained(tmp_path, "family")
    member = checkpoint.load(family, "last").learnt.parties["sites"]
    assert isinstance(member, UniversalNetwork)
    for name in ("owmr-small", "lost_sales", "random_network-small"):
        member.reset(Simulator(name).context(0, "sites"))
    keys = {"family": None, "start": {"run": str(family)}, "steps": 480}
    run = trained(tmp_path, "gone_on", "lost_sales", **keys)
    assert numbers(run).keys() == numbers(family).keys()
    assert any(not np.array_equal(numbers(run)[name], numbers(family)[name]) for name in numbers(run))


def test_problems_are_the_same_whenever_they_are_asked_for() -> None:
    made = [DrawnProblems({"networks": 2}, {"autonomous_silo": 1.0, "central_stale": 1.0}, 0.5, 0.5, 2, 1) for _ in range(2)]
    for update in (0, 5, 40):
        one, other = (problems.of(update) for problems in made)
        assert one.scenario.model_dump() == other.scenario.model_dump()
        assert (one.autonomy, one.known, one.waits, one.number) == (other.autonomy, other.known, other.waits, other.number)
    numbers_of = [made[0].of(update).number for update in range(64)]
    assert all(numbers_of.count(number) == 2 for number in numbers_of)


def test_networks_side_by_side_are_told_apart() -> None:
    keys = {"name": "some", "horizon": 10, "generator": {"type": "network_family", "networks": 5, "sites": [1, 4]}}
    network = Simulator(keys).numpy_network
    belongs = network.topology.parts
    assert len(set(belongs.tolist())) == 5
    inside = network.topology.source >= 0
    assert np.array_equal(belongs[network.topology.source[inside]], belongs[network.topology.destination[inside]])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"family": {"networks": 3, "seed": 4}}, r"family.seed: found 4; accepted: nothing"),
        ({"family": {"means": [9, 2]}}, r"family.means: found \[9(.0)?, 2(.0)?\]; accepted: the least"),
        ({"family": {"networks": 3}, "levels": {}}, r"levels: found \{\}"),
        ({"family": {"sits": [1, 2]}}, r"family: found 'sits'; accepted: one of"),
    ],
)
def test_families_that_cannot_be_are_refused_by_their_key(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_agent({"type": "universal_pathwise", **TINY, **keys})


def test_a_start_from_another_family_of_policies_is_refused(tmp_path: Path) -> None:
    pathwise = train(
        "newsvendor", agent="pathwise", steps=60 * 8, copies=8, hidden=[4], name="other", folder=tmp_path, progress=False
    )
    agent = make_agent({"type": "universal_pathwise", **TINY, "start": {"run": str(pathwise.folder)}})
    assert isinstance(agent, UniversalPathwise)
    with pytest.raises(InputError, match=r"agent.start.run: found 'a run of another family of policies"):
        agent.first(0)
    with pytest.raises(InputError, match=r"agent.start: found 'mpc'; accepted: universal"):
        make_agent({"type": "universal_pathwise", **TINY, "start": "mpc"}).first(0)  # type: ignore[attr-defined] # a learner's


def test_a_centre_and_its_sites_learn_together_where_both_decide(tmp_path: Path) -> None:
    """With the same numbers: both are moved by what both come to."""
    given = {"type": "universal_pathwise", **FEW, "family": None, "start": "universal"}
    run = train("owmr-small", "hybrid_soe", given, name="both", folder=tmp_path, progress=False)
    parties = checkpoint.load(Path(run.folder), "last").learnt.parties
    sites, planner = parties["sites"], parties["planner"]
    assert isinstance(sites, UniversalNetwork)
    assert isinstance(planner, UniversalNetwork)
    first = shipped().tensors
    assert all(np.array_equal(values, planner.tensors[name]) for name, values in sites.tensors.items())
    assert any(not np.array_equal(values, first[name]) for name, values in sites.tensors.items())


def test_levels_are_as_late_noisy_and_slow_as_is_drawn_and_stay_of_their_kind() -> None:
    rng = np.random.default_rng(0)
    for name in ("central_stale", "central_periodic", "hybrid_soe", "management_by_exception", "autonomous_silo"):
        preset = load_autonomy(name)
        drawn = [drawn_level(preset, rng) for _ in range(40)]
        assert {one.authority for one in drawn} == {preset.authority}
        for key, (least, most) in DRAWN.items():
            values = [getattr(one, key) for one in drawn]
            if getattr(preset, key) in (None, 0, 0.0) or (key == "cadence" and preset.cadence == 1):
                assert set(values) == {getattr(preset, key)}  # what a level is not it does not become
            else:
                assert least <= min(values) < max(values) <= most


@pytest.mark.parametrize(("learner", "within"), [("pathwise", 0.0), ("ppo", 0.01)])
def test_other_learners_go_on_from_all_that_it_decides(learner: str, within: float) -> None:
    """Not from the levels of its first period alone; `ppo` with the little that its last layer says at first."""
    agent: Any = make_agent({"type": learner, "start": "universal", "steps": 2048, "copies": 8})
    assert (agent.start, agent.residual_of) == ("base_stock", "universal")
    journal = Starting(stop_after=1)
    agent.learn(Task(load_scenario("stale_centre"), load_autonomy("autonomous_silo"), 0), journal)
    found, wanted = (costs_of(policy) for policy in (journal.start.parties["sites"], make_agent("universal")))
    assert np.allclose(found.mean(0), wanted.mean(0), rtol=within, atol=0.0)


class Starting(QuietJournal):
    """One that keeps what learning starts from."""

    def begin(self, learnt: Any, state: Any) -> None:
        """Before anything is learnt."""
        super().begin(learnt, state)
        self.start: Learnt = learnt()


def costs_of(policy: Any) -> np.ndarray[Any, Any]:
    """Of each episode in each period (T, B)."""
    simulator, costs = Simulator("stale_centre", "autonomous_silo", batch=3, horizon=30), []
    information = simulator.reset(seed=5)
    policy.reset(simulator.context())
    while not simulator.done:
        information, ledger, _ = simulator.step(policy.act(information))
        costs.append(ledger.cost)
    return np.array(costs)
