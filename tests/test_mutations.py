"""Every key of every file in `configs/` made wrong in every way: refused by name, or taken for exactly what was written."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch  # noqa: F401  (before the first case, whose time is short)

from orderup.agents.learning.learner import Learner, Task
from orderup.agents.training.train import learner_of
from orderup.agents.training.tuning import space_from
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import config_folder, list_configs, load_autonomy, load_scenario
from orderup.envs.foundation.validation import LARGEST, validated
from orderup.envs.foundation.yaml_files import read_yaml
from orderup.envs.generators import generators
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.evaluation.atlas.design import Atlas
from orderup.evaluation.leaderboard.board import Board
from orderup.evaluation.studies import schedule as scheduling
from orderup.evaluation.studies.hypotheses import Hypotheses, inquire, load_any
from orderup.evaluation.studies.schedule import schedule, scheduled_agent
from orderup.evaluation.studies.study import StudyKeys

from . import mutations
from .covering import at_length
from .mutations import complaint, numbers, put, same

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("recorded_twin")]

WORDS = {
    "name",
    "description",
    "source",
    "question",
    "because",
    "role",
    "segment",
    "origin",
    "products",
    "assumptions",
    "group",
}
"""Keys at which a new name, or any text, is as good as another: customers of a new `group` are held to their target by
themselves, and reports name it."""
SIGNED = {"priority", "rho", "safety"}
"""Keys at which a number below 0 means something; a safety stock does where what is short costs less than what is left."""
EITHER_WAY = {"on_hand", "backlog", "late"}
"""Of a lane's `terms`: payments from seller to buyer, or back with a number below 0."""
ENDLESS = {"band", "approval_threshold"}
"""Keys at which infinity means something: as far as sites like, and nobody ever waits."""


def swept(keys: Any, use: Callable[[Any], Any]) -> list[str]:
    """What is wrong with how mutations of some keys end; `use` gives back what they were taken for."""
    used, _, said = complaint(use, keys)
    wrong = [] if used else [f"as it is: refused {said}"]
    for path, how, value in mutations.mutations(keys):
        used, taken, said = complaint(use, put(keys, path, value))
        said = doubt(path, how, value, taken) if used else said
        if said:
            wrong.append(f"{'.'.join(map(str, path))}, {how}: {said}")
    return wrong


def doubt(path: mutations.Path, how: str, value: Any, taken: Any) -> str:
    """Why what was taken is not what was written, or is nonsense; nothing where it is all right."""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    wrong = numbers(value) if how in mutations.WRONG else ()
    signed = key in SIGNED or ("terms" in path and not EITHER_WAY.isdisjoint(path))
    if any((number < 0 and not signed) or not within(number, key) for number in wrong):
        return f"{value} was taken"
    if how in ("an unknown name", "an unknown key", "a text", "a clock", "a number as text") and not WORDS & {key, *path}:
        if key == "from" and isinstance(value, str) and value.startswith("supplier_"):
            return ""  # outside suppliers need not be listed
        return f"{value!r} was taken"
    try:
        found = mutations.at(taken, path)
    except (KeyError, IndexError, TypeError):
        return f"{value!r} is nowhere in what was taken"
    return "" if same(found, value) else f"{value!r} was taken for {found!r}"


def within(number: float, key: str) -> bool:
    """Whether a key may be as large."""
    return abs(number) <= LARGEST or (number == math.inf and key in ENDLESS)


def played(scenario: Any, autonomy: Any = None) -> None:
    """A few periods of two episodes, whose numbers are finite."""
    sim = Simulator(scenario, autonomy or silo(), batch=2, horizon=3)
    sim.reset(seed=0)
    decided = Decision(level=20.0)
    for _ in range(3):
        _, ledger, _ = sim.step(Decisions(decided if sim.autonomy.has_planner else None, decided))
        if not np.isfinite(ledger.cost).all() or not np.isfinite(sim.now.state.on_hand).all():
            raise ArithmeticError(f"costs {ledger.cost}")


@cache
def silo() -> Autonomy:
    """Read once for all that are played at it."""
    return load_autonomy("autonomous_silo")


def scenario_of(keys: Any) -> dict[str, Any]:
    loaded = load_scenario(keys)
    played(loaded)
    for hypothesis in loaded.card.hypotheses if loaded.card else ():
        if hypothesis.agent is not None:
            scheduled_agent(hypothesis.agent, {})
    found = loaded.model_dump(by_alias=True)
    if isinstance(keys, dict) and "generator" in keys:
        fields = {key: value for key, value in keys["generator"].items() if key != "type"}
        kind = keys["generator"]["type"]
        found["generator"] = {"type": kind, **validated(generators.find(kind), fields).model_dump()}
    return found


def keys_of(kind: str, name: str) -> dict[str, Any]:
    return read_yaml(config_folder(kind) / f"{name}.yaml")


@pytest.mark.parametrize("name", [pytest.param(name, marks=at_length(name)) for name in list_configs("scenarios")])
def test_scenarios(name: str) -> None:
    keys = {**keys_of("scenarios", name), "name": "mine"}
    scenario_of(keys)
    assert swept(keys, scenario_of) == []


@pytest.mark.parametrize("name", list_configs("autonomy"))
def test_levels(name: str) -> None:
    owmr = load_scenario("owmr")

    def use(keys: Any) -> Any:
        level = load_autonomy(keys)
        played(owmr, level)
        return level.model_dump()

    assert swept({**keys_of("autonomy", name), "name": "mine"}, use) == []


@pytest.mark.parametrize("name", list_configs("agents"))
def test_learners(name: str) -> None:
    task = Task(load_scenario("newsvendor"), load_autonomy("autonomous_silo"), 0)

    def use(keys: Any) -> Any:
        learner = learner_of({**keys, "type": name}, {})
        learner.sized(task).check(task)
        return learner.model_dump()

    assert swept(keys_of("agents", name), use) == []


@pytest.mark.parametrize("name", list_configs("studies"))
def test_studies(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[tuple[str, ...], str | None] = {}
    rehearsed = scheduling._cannot_learn

    def once(learner: Learner, scenario: Scenario, autonomy: Autonomy) -> str | None:
        key = (type(learner).__name__, *(one.model_dump_json() for one in (learner, scenario, autonomy)))
        if key not in known:
            known[key] = rehearsed(learner, scenario, autonomy)
        return known[key]

    monkeypatch.setattr(scheduling, "_cannot_learn", once)

    def use(keys: Any) -> Any:
        if keys.get("kind") == "atlas":
            atlas = StudyKeys.of(keys).made(Atlas)
            assert len(atlas.points())
            return atlas.model_dump()
        study = load_any(keys)
        made = inquire(study, folder=tmp_path) if isinstance(study, Hypotheses) else schedule(study, folder=tmp_path)
        assert made.evaluations
        return study.model_dump()

    assert swept(keys_of("studies", name), use) == []


@pytest.mark.parametrize("name", list_configs("leaderboards"))
def test_leaderboards(name: str) -> None:
    assert swept(keys_of("leaderboards", name), lambda keys: validated(Board, keys).model_dump()) == []


@pytest.mark.parametrize("name", list_configs("tuning"))
def test_search_spaces(name: str) -> None:
    learner = learner_of(name, {})

    def use(keys: Any) -> Any:
        return {
            key: value if isinstance(value, list) else value.model_dump()
            for key, value in space_from(keys, learner, name).items()
        }

    assert swept(keys_of("tuning", name), use) == []
