from __future__ import annotations

import sys
from dataclasses import dataclass, field
from io import StringIO
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console

import orderup
from orderup.agents import Agent, make_agent
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.evaluation.command import Evaluate, compared, entries_of
from orderup.evaluation.running.progress import progress_bar

from .cases import RANDOM


@dataclass
class Run:
    """What a trained run looks like to the evaluation."""

    name: str
    scenario: Any
    autonomy: str
    agent: Agent
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=lambda: {"type": "ppo"})


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Run]:
    """Three runs: two on the line, one of them called as a formula, and one on another scenario."""
    found = {
        "runs/a": Run("a", RANDOM, "autonomous_silo", make_agent("base_stock")),
        "runs/b": Run("=1+1", RANDOM, "central_ideal", make_agent("hold")),
        "runs/c": Run("c", "newsvendor", "autonomous_silo", make_agent("hold")),
    }
    module: Any = ModuleType("orderup.agents.runs.run")
    module.load_run = lambda folder, allow: found[folder]
    monkeypatch.setitem(sys.modules, "orderup.agents.runs.run", module)
    return found


def keys(**given: Any) -> Evaluate:
    return validated(Evaluate, {"episodes": 3, **given})


def labels(given: Evaluate) -> list[str]:
    return [f"{contestant.autonomy.name} / {contestant.name}" for contestant in entries_of(given)[1]]


def test_a_scenario_alone_is_evaluated_with_local_base_stock() -> None:
    assert labels(keys(scenario="newsvendor")) == ["autonomous_silo / base_stock"]


def test_every_agent_is_evaluated_at_every_level() -> None:
    given = keys(scenario="newsvendor", autonomy=["central_ideal", "autonomous_silo"], agent=["hold", {"type": "base_stock"}])
    assert labels(given) == [
        "central_ideal / hold",
        "central_ideal / base_stock",
        "autonomous_silo / hold",
        "autonomous_silo / base_stock",
    ]


def test_an_agents_keys_reach_it() -> None:
    (contestant,) = entries_of(keys(scenario="newsvendor", agent={"type": "base_stock", "levels": {"store_1": 40}}))[1]
    assert contestant.agent.model_dump() == {"levels": {"store_1": 40}}


def test_runs_alone_are_evaluated_at_their_own_levels(runs: dict[str, Run]) -> None:
    given = keys(runs=["runs/a", "runs/b"])
    assert labels(given) == ["autonomous_silo / a", "central_ideal / =1+1"]
    assert entries_of(given)[0].name == "random_line"


def test_runs_stand_beside_the_rules_that_are_asked_for(runs: dict[str, Run]) -> None:
    assert labels(keys(scenario=RANDOM, agent="hold", runs="runs/a")) == ["autonomous_silo / hold", "autonomous_silo / a"]


def test_a_run_given_twice_is_told_apart(runs: dict[str, Run]) -> None:
    assert labels(keys(runs=["runs/a", "runs/a"])) == ["autonomous_silo / a", "autonomous_silo / a (2)"]


def test_a_run_says_what_it_was_trained_for(runs: dict[str, Run]) -> None:
    (contestant,) = entries_of(keys(runs=["runs/a"]))[1]
    assert contestant.training is not None
    assert (contestant.training.learner, contestant.training.seed) == ("ppo", 0)
    assert contestant.training.autonomy.name == "autonomous_silo"


def test_runs_are_evaluated_elsewhere_only_when_asked_to(runs: dict[str, Run]) -> None:
    levels = ["autonomous_silo", "federated"]
    assert labels(keys(runs=["runs/a"], autonomy=levels, agent="hold"))[2:] == ["autonomous_silo / a"]
    moved = keys(runs=["runs/a"], autonomy=levels, transfer=True)
    assert labels(moved) == ["autonomous_silo / a", "federated / a"]
    assert "federated / a: trained at autonomous_silo, not at the autonomy level it is evaluated at" in compared(moved).warnings


def test_a_run_is_evaluated_on_another_scenario_of_the_same_shape_when_asked_to_and_flagged(runs: dict[str, Run]) -> None:
    longer = {**RANDOM, "name": "longer", "horizon": 31}
    found = compared(keys(scenario=longer, runs=["runs/a"], agent="hold", transfer=True, autonomy="autonomous_silo"))
    assert [result.label for result in found.results] == ["autonomous_silo / hold", "autonomous_silo / a"]
    assert "autonomous_silo / a: trained on random_line, not on the scenario it is evaluated on" in found.warnings
    assert orderup.evaluate(longer, agents=runs["runs/a"], episodes=4).label == "autonomous_silo / base_stock"


@pytest.mark.parametrize("given", [{"scenario": "newsvendor", "autonomy": "federated"}, {"runs": ["runs/a"]}])
def test_nothing_can_be_moved_without_runs_and_levels(runs: dict[str, Run], given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="transfer: found True"):
        entries_of(keys(transfer=True, **given))


def test_a_missing_folder_of_a_run_is_said() -> None:
    with pytest.raises(InputError, match="runs/nowhere"):
        entries_of(keys(runs=["runs/nowhere"]))


def test_runs_on_different_scenarios_do_not_share_a_table(runs: dict[str, Run]) -> None:
    with pytest.raises(InputError, match=r"runs\[1\]: found 'c, trained on newsvendor'; accepted: a run on random_line"):
        entries_of(keys(runs=["runs/a", "runs/c"]))
    with pytest.raises(InputError, match="trained on random_line with other keys"):
        entries_of(keys(scenario={**RANDOM, "horizon": 31}, runs=["runs/a"]))


def test_neither_scenario_nor_runs_is_refused() -> None:
    with pytest.raises(InputError, match="scenario: found 'nothing'"):
        entries_of(keys())


def test_data_for_a_scenario_that_has_none_recorded_is_refused() -> None:
    with pytest.raises(InputError, match="data"):
        entries_of(keys(scenario="newsvendor", data="sales.csv"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"episods": 3}, "did you mean 'episodes'"),
        ({"episodes": 0}, "episodes: found 0"),
        ({"episodes": "many"}, "episodes: found 'many'"),
        ({"episodes": True}, "episodes: found True"),
        ({"seed": -1}, "seed: found -1"),
        ({"split": "tests"}, "split: found 'tests'"),
        ({"horizon": 0}, "horizon: found 0"),
        ({"batch": 0}, "batch: found 0"),
        ({"name": 3}, "name: found 3"),
        ({"autonomy": []}, "autonomy: found"),
        ({"agent": []}, "agent: found"),
    ],
)
def test_wrong_keys_are_refused_by_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        keys(**given)


def test_everything_asked_for_reaches_the_evaluate() -> None:
    found = compared(keys(scenario=RANDOM, seed=20_000, split="validation", horizon=20, batch=2))
    traces = found.traces
    assert (traces.seed, traces.split, traces.horizon, traces.episodes) == (20_000, "validation", 20, 3)


def test_progress_is_shown_on_a_terminal_only() -> None:
    with progress_bar(10, Console(file=StringIO())) as progress:
        assert progress is None
    out = StringIO()
    with progress_bar(10, Console(file=out, force_terminal=True, width=80)) as progress:
        assert progress is not None
        progress(10)
    assert "evaluating" in out.getvalue()
    assert "periods/s" in out.getvalue()
