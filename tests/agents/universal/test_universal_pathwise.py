"""Learning on families of networks, and going on with what was learnt on one scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents.make import make_agent
from orderup.agents.runs import checkpoint
from orderup.agents.training.train import resume, train
from orderup.agents.universal.problems import DrawnProblems, parts
from orderup.agents.universal.universal_network import UniversalNetwork
from orderup.agents.universal.universal_pathwise import UniversalPathwise
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

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
    belongs = parts(network)
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


def test_a_level_at_which_centre_and_sites_decide_is_for_learning_at_one_of_them() -> None:
    from orderup.agents.training.train import prepare

    given = {"type": "universal_pathwise", **FEW, "family": None}
    with pytest.raises(InputError, match=r"autonomy: found 'hybrid_soe, where the centre and the sites decide"):
        prepare("owmr", "hybrid_soe", given, 0, None, "runs", False, {})
