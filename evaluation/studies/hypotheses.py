"""The study of all hypotheses: every scenario whose card expects something, at the levels that it is expected of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from orderup.envs.catalogue import list_scenarios, load_autonomy, load_scenario, with_data
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Keys, Seed
from orderup.envs.scenario.card import Hypothesis
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..comparison.hypotheses import Question
from ..comparison.method import Method
from ..report.report import NAME
from .identity import data_digest
from .reports import comparison_of
from .schedule import RUNS, Schedule, ScheduledScenario, schedule
from .study import SomeEntries, Study, StudyKeys, check_once

KIND = "hypotheses"


class Hypotheses(Keys):
    """What scenarios' cards expect, put to the test: one method at every autonomy level that they name."""

    other_words: ClassVar[Mapping[str, str]] = {"agents": "agent"}

    kind: Literal["hypotheses"]
    name: str = Field(pattern=f"^{NAME}$", description="Of its folders, runs/<name>/ and reports/<name>/")
    description: str = ""
    scenarios: SomeEntries | None = Field(None, description="Names or YAML paths; left out: all that expect something")
    small: bool = Field(False, description="Take the small version of those that have one")
    agent: Any = Field("optimised_base_stock", description="The method, the same at every autonomy level")
    seeds: Annotated[list[Seed], Field(min_length=1)] = Field([0], description="Of the trainings, where the method learns")
    learner: dict[str, Any] = Field({}, description="Keys for it, as steps: 1_000_000")
    episodes: Count = Field(200, description="Traces of each scenario")
    trace_seed: Seed = Field(FIRST_HELD_OUT_SEED, description="Of the traces; training's are lower")


@dataclass(frozen=True)
class Registered:
    """A hypothesis, and the scenarios that its two sides are played in."""

    hypothesis: Hypothesis
    better: Scenario
    worse: Scenario


@dataclass(frozen=True)
class Inquiry(Schedule):
    """The study's jobs, with what they are done for."""

    registered: tuple[Registered, ...]
    without_data: tuple[str, ...]
    """Scenarios that nobody asked for by name and whose recorded demand is not there."""


def load_any(given: Any) -> Study | Hypotheses:
    """A study of either kind, as `load_study`."""
    if isinstance(given, (Study, Hypotheses)):
        return given
    asked = StudyKeys.of(given)
    return asked.made(Hypotheses) if asked.keys.get("kind") == KIND else asked.made(Study)


def inquire(asked: Hypotheses, data: str | None = None, folder: Path = RUNS) -> Inquiry:
    """The jobs of the study, as `schedule` makes them. Raises InputError for whatever a card names that is not there, too."""
    scenarios, without_data = _scenarios(asked, data)
    registered = [found for scenario in scenarios for found in _registered(asked, scenario, data)]
    if not registered:
        raise InputError("study.scenarios", [scenario.name for scenario in scenarios], "some with hypotheses on their cards")
    made = [_part(asked, scenario, levels, data, folder) for scenario, levels in _levels(registered)]
    return Inquiry(made[0].study, tuple(part for one in made for part in one.parts), tuple(registered), tuple(without_data))


def questions(made: Inquiry, failures: Mapping[str, str]) -> list[Question]:
    """Each hypothesis with those who were judged for it, from the finished jobs."""
    judged = {part.traces.scenario.name: _judged(part, failures) for part in made.parts}
    found = []
    for entry in made.registered:
        asked, (better, worse) = entry.hypothesis, (entry.better.name, entry.worse.name)
        sides = [judged[better][asked.better], judged[worse][asked.worse]]
        methods = [side if isinstance(side, Method) else None for side in sides]
        reason = next((side for side in sides if isinstance(side, str)), "")
        found.append(Question(better, asked, methods[0], methods[1], reason))
    return found


def _scenarios(asked: Hypotheses, data: str | None) -> tuple[list[Scenario], list[str]]:
    """Those that are asked about, and the names of those left out since their recorded demand is not there."""
    if asked.scenarios is not None:
        found = []
        for number, given in enumerate(asked.scenarios):
            try:
                found.append(_loaded(given, asked.small, data))
            except InputError as error:
                raise error.moved("scenario", f"study.scenarios[{number}]") from None
        check_once("study.scenarios", [scenario.name for scenario in found])
        return found, []
    every = [_loaded(name, asked.small, data) for name in list_scenarios()]
    expecting = [scenario for scenario in every if scenario.card is not None and scenario.card.hypotheses]
    there = [scenario for scenario in expecting if scenario.data is None or data_digest(scenario) is not None]
    return there, [scenario.name for scenario in expecting if scenario not in there]


def _loaded(given: Any, small: bool, data: str | None) -> Scenario:
    scenario = load_scenario(given)
    if small and scenario.small and not isinstance(given, Mapping):
        scenario = load_scenario({"type": given, **scenario.small, "name": f"{scenario.name}_small"})
    return scenario if data is None or scenario.data is None else with_data(scenario, data)


def _registered(asked: Hypotheses, scenario: Scenario, data: str | None) -> Iterator[Registered]:
    for number, hypothesis in enumerate(scenario.card.hypotheses if scenario.card else []):
        key = f"{scenario.name}.card.hypotheses[{number}]"
        for side in ("better", "worse"):
            try:
                load_autonomy(getattr(hypothesis, side))
            except InputError as error:
                raise error.moved("autonomy", f"{key}.{side}") from None
        try:
            other = scenario if hypothesis.against is None else _loaded(hypothesis.against, asked.small, data)
        except InputError as error:
            raise error.moved("scenario", f"{key}.against") from None
        yield Registered(hypothesis, scenario, other)


def _levels(registered: list[Registered]) -> list[tuple[Scenario, list[str]]]:
    """Every scenario once, with the levels that it is to be played at."""
    found: dict[str, tuple[Scenario, dict[str, None]]] = {}
    for entry in registered:
        for scenario, level in ((entry.better, entry.hypothesis.better), (entry.worse, entry.hypothesis.worse)):
            found.setdefault(scenario.name, (scenario, {}))[1][level] = None
    return [(scenario, list(levels)) for scenario, levels in found.values()]


def _part(asked: Hypotheses, scenario: Scenario, levels: list[str], data: str | None, folder: Path) -> Schedule:
    keys = asked.model_dump(include={"name", "description", "seeds", "learner", "episodes", "trace_seed"})
    study = Study(scenarios=[scenario], levels=levels, agents=[asked.agent], **keys)
    try:
        return schedule(study, None, folder)
    except InputError as error:
        known = {"study.agents[0]": "study.agent", "study.scenarios[0]": f"scenario {scenario.name}"}
        raise error.rekeyed(
            lambda key: next((key.replace(old, new) for old, new in known.items() if old in key), key)
        ) from None


def _judged(part: ScheduledScenario, failures: Mapping[str, str]) -> dict[str, Method | str]:
    """By level, the method as it was judged there, or why it was not."""
    comparison = comparison_of(part, failures)
    found: dict[str, Method | str] = {job.contestant.autonomy.name: failures.get(job.name, "") for job in part.judgings}
    found |= {entry.autonomy: entry.reason for entry in (comparison.skipped if comparison else part.refused)}
    return found | {method.autonomy.name: method for method in (comparison.methods if comparison else ())}
