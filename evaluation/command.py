"""What the command line asks for, and the comparison it gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from orderup.agents import make_agent
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import each_autonomy, load_autonomy, load_scenario, promised, with_data
from orderup.envs.demand.file import FileDemand
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Keys, Seed, Workers
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from .bounds.bounds import bound_of_name, check_bound, with_bound
from .bounds.decisions import check_decisions, with_decision_regret
from .comparison.comparison import Comparison
from .comparison.selfish import LARGEST_GAIN
from .comparison.side_by_side import compare, traces_of
from .league.league import ALL_AGENTS, FEW, League, league_of
from .report.report_folder import FOLDER, report_folder
from .running.contestant import Contestant, contestants, distinct
from .running.progress import progress_bar
from .running.result import Training

SomeOf = Annotated[list[Any], Field(min_length=1), BeforeValidator(lambda value: value if isinstance(value, list) else [value])]
"""One or several."""


class Evaluate(Keys):
    """Evaluate policies at levels of autonomy on the same held-out traces; the report goes to reports/<name>/."""

    other_words: ClassVar[Mapping[str, str]] = {"agents": "agent"}

    scenario: Any = Field(None, description="A name or a YAML path; left out: that of the runs")
    autonomy: SomeOf | None = Field(
        None,
        description="Autonomy levels, by name or YAML path; autonomy.band=0,1,inf sweeps an axis; left out: autonomous_silo",
    )
    agent: SomeOf | None = Field(
        None, description="Agent or agents, each at every autonomy level, or `all` there are; left out: base_stock"
    )
    runs: SomeOf = Field([], description="Folders of trained runs, each evaluated at the autonomy level it was trained at")
    allow: list[str] = Field([], description="Packages of your own that runs may import: allow=[my_package]")
    transfer: bool = Field(
        False,
        description="Evaluate runs on another scenario=, at every autonomy level in autonomy=, where inputs and outputs fit",
    )
    study: Any = Field(None, description="A study in place of one comparison; its keys: study=<name> --help")
    episodes: Count = Field(200, description="Demand traces, the same for every method")
    seed: Seed = Field(FIRST_HELD_OUT_SEED, description="Of the traces; training's are lower")
    split: Literal["train", "validation", "test"] = Field("test", description="Window that recorded demand is drawn from")
    horizon: Count | None = Field(None, description="Periods in an episode, warm-up included; left out: the scenario's")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")
    service: dict[str, Any] | None = Field(
        None,
        description="Compare at equal service, {fill: 0.95} or {cycle: 0.95} in place of the scenario's shortage costs: "
        "whoever decides is told what a shortage has to cost for that",
    )
    name: str | None = Field(None, description="Of the report's folder; left out: the scenario's")
    batch: Count | None = Field(None, description="Episodes run at once; left out: as many as are fast and fit")
    bound: Literal["hindsight", "clark_scarf", "decomposition"] | None = Field(
        None,
        description="What regret is measured against: each trace's optimum, had it been known; a serial line's; that of stores "
        "which may give stock back; left out: the exact one",
    )
    decisions: int = Field(
        0,
        ge=0,
        le=50,
        description="Traces on which every single decision is compared with the best that could still be had, all being known",
    )
    kpis: SomeOf = Field([], description="KPIs told beside those of every report: kpis=[my_package.kpis:ColdStockOuts]")
    largest_gain: float = Field(
        LARGEST_GAIN,
        ge=0,
        le=1,
        description="Share of its own cost that a site may gain by leaving what all have learnt for themselves, for a price of "
        "anarchy to be told",
    )
    few: Count | None = Field(
        None, description=f"Traces, with agent=all, for agents that solve a program for every decision; left out: {FEW}"
    )
    overwrite: bool = Field(False, description="Replace a report of this name that another command made")
    page: bool = Field(True, description="Write index.html too, with pictures and a replay")
    workers: Workers = Field(1, description="Processes that compute the bound")

    @property
    def all_agents(self) -> bool:
        """Whether the whole league is asked for. Raises InputError where that is asked for with something it excludes."""
        asked = self.agent is not None and any(_type_of(agent) == ALL_AGENTS for agent in self.agent)
        if not asked:
            if self.few is not None:
                raise InputError("few", self.few, "agent=all: others play all traces")
            return False
        if self.agent != [ALL_AGENTS]:
            raise InputError("agent", self.agent, f"{ALL_AGENTS} alone and without keys of its own, or agents by name")
        if self.runs or self.transfer:
            raise InputError("runs", self.runs, f"nothing beside agent={ALL_AGENTS}: runs have a command of their own")
        return True


def _type_of(agent: Any) -> Any:
    return agent.get("type") if isinstance(agent, dict) else agent


@dataclass(frozen=True)
class ReportRequest:
    """One report that is asked for: everything is loaded and checked, and nobody evaluated yet."""

    keys: Evaluate
    scenario: Scenario
    evaluated: tuple[Contestant, ...]
    """None, where all agents there are are asked for."""
    autonomies: tuple[Autonomy, ...]
    """Of the league, where that is asked for."""

    @property
    def settings(self) -> dict[str, Any]:
        """How all are evaluated."""
        return self.keys.model_dump(include={"episodes", "seed", "split", "horizon", "batch", "kpis"})


def asked_of(keys: Evaluate) -> ReportRequest:
    """What the keys ask for. Raises InputError for whatever can be known to be wrong before anybody is evaluated."""
    _check_all_has_effect(keys)
    if keys.all_agents:
        if keys.scenario is None:
            raise InputError("scenario", "nothing", "a scenario")
        autonomies = tuple(each_autonomy(keys.autonomy or ["autonomous_silo"]))
        asked = ReportRequest(keys, _scenario(keys.scenario, keys.data, keys.service), (), autonomies)
    else:
        scenario, evaluated = entries_of(keys)
        asked = ReportRequest(keys, scenario, tuple(evaluated), ())
    traces = traces_of(asked.scenario, **asked.settings)
    if any(isinstance(entry.demand, FileDemand) for entry in asked.scenario.customers):
        autonomy = [*asked.autonomies, *(contestant.autonomy for contestant in asked.evaluated)][0]
        Simulator(asked.scenario, autonomy, horizon=traces.horizon, split=traces.split).reset(
            traces.seed, [0]
        )  # all is recorded
    if keys.bound is not None:
        check_bound(keys.bound, traces)
    if keys.decisions:
        check_decisions(traces, keys.decisions)
    return asked


def _check_all_has_effect(keys: Evaluate) -> None:
    """Raises InputError for a key that changes nothing with the others as they are."""
    given = keys.model_fields_set
    if "workers" in given and keys.bound != "hindsight":
        raise InputError("workers", keys.workers, "nothing without bound=hindsight, which alone is worked out side by side")
    if keys.kpis and keys.all_agents:
        raise InputError("kpis", keys.kpis, f"nothing with agent={ALL_AGENTS}: a league ranks by cost")
    if keys.decisions and keys.all_agents:
        raise InputError("decisions", keys.decisions, f"nothing with agent={ALL_AGENTS}: a league ranks by cost")
    if keys.allow and not keys.runs:
        raise InputError("allow", keys.allow, "nothing without runs=[…]: what you name yourself is imported anyway")
    if keys.all_agents and "page" in given and keys.page:
        raise InputError("page", True, f"false or nothing with agent={ALL_AGENTS}: a league is a table alone")


def places(jobs: Sequence[ReportRequest], command: str, taken: Sequence[Path] = ()) -> list[Path]:
    """The folder of each one's report, those that are `taken` left alone. Raises InputError where there is none to be had."""
    found = list(taken)
    for job in jobs:
        name, default = job.keys.name, job.scenario.name
        several = name is not None and any(path.name == name for path in found)
        found.append(report_folder(FOLDER, None if several else name, name or default, command, job.keys.overwrite, found))
    return found[len(taken) :]


def leagues(keys: Evaluate | ReportRequest) -> list[League]:
    """All agents, at each level of autonomy, with a progress bar on a terminal. Raises InputError."""
    asked = keys if isinstance(keys, ReportRequest) else asked_of(keys)
    keys = asked.keys
    with progress_bar(None) as progress:
        found = [
            league_of(asked.scenario, autonomy, few=keys.few or FEW, progress=progress, **asked.settings)
            for autonomy in asked.autonomies
        ]
        if keys.bound is None:
            return found
        bound = bound_of_name(keys.bound, found[0].traces, keys.workers, progress)
        return [replace(each, bounds=(bound,)) for each in found]


def compared(keys: Evaluate | ReportRequest) -> Comparison:
    """All that the keys name, evaluated, with a progress bar on a terminal. Raises InputError."""
    asked = keys if isinstance(keys, ReportRequest) else asked_of(keys)
    keys, scenario, evaluated = asked.keys, asked.scenario, asked.evaluated
    shown = (len(evaluated) + bool(keys.bound)) * keys.episodes + len(evaluated) * keys.decisions
    periods = shown * (keys.horizon or scenario.horizon)
    with progress_bar(periods) as progress:
        found = replace(compare(scenario, evaluated, progress=progress, **asked.settings), largest_gain=keys.largest_gain)
        found = with_decision_regret(found, keys.decisions, progress) if keys.decisions else found
        return with_bound(found, keys.bound, keys.workers, progress) if keys.bound else found


def entries_of(keys: Evaluate) -> tuple[Scenario, list[Contestant]]:
    """The scenario, and who is evaluated on it: rules at every autonomy level first, then the trained runs."""
    if keys.transfer and not (keys.runs and (keys.autonomy or keys.scenario is not None)):
        raise InputError("transfer", True, "runs=[…] and autonomy=[…] or scenario=…, which to evaluate them at")
    trained = [_run(folder, number, keys) for number, folder in enumerate(keys.runs)]
    if keys.scenario is None and not trained:
        raise InputError("scenario", "nothing", "a scenario, or runs=[…]")
    scenario = _scenario(keys.scenario, keys.data, keys.service) if keys.scenario is not None else trained[0][0]
    for number, (its, contestant) in enumerate(trained):
        if its != scenario and not keys.transfer:
            found = f"{contestant.name}, trained on {its.name}" + (" with other keys" if its.name == scenario.name else "")
            raise InputError(f"runs[{number}]", found, f"a run on {scenario.name}, or transfer=true to evaluate it there")
    rules = [] if trained and keys.agent is None and (keys.autonomy is None or keys.transfer) else _rules(keys)
    learned = [contestant for _, contestant in trained]
    return scenario, distinct([*rules, *learned, *_elsewhere(keys, learned)])


def _elsewhere(keys: Evaluate, learned: list[Contestant]) -> list[Contestant]:
    """What was learnt, at the autonomy levels it was not trained at."""
    autonomies = each_autonomy(keys.autonomy or []) if keys.transfer else []
    return [replace(one, autonomy=autonomy) for one in learned for autonomy in autonomies if autonomy.name != one.autonomy.name]


def _rules(keys: Evaluate) -> list[Contestant]:
    return contestants(each_autonomy(keys.autonomy or ["autonomous_silo"]), keys.agent or ["base_stock"])


def _run(folder: Any, number: int, keys: Evaluate) -> tuple[Scenario, Contestant]:
    from orderup.agents.runs.run import load_run  # PyTorch with it, which takes its time

    if not isinstance(folder, str):
        raise InputError(f"runs[{number}]", folder, "a run's folder")
    try:
        run = load_run(folder, keys.allow)
    except InputError as error:
        raise error.moved("run", f"runs[{number}]") if error.key == "run" else error from None
    autonomy: Autonomy = load_autonomy(run.autonomy)
    scenario = _scenario(run.scenario, keys.data)
    training = Training(str(run.settings["type"]), run.settings, run.seed, autonomy, scenario)
    return scenario, Contestant(autonomy, make_agent(run.agent), run.name, training)


def _scenario(given: Any, data: str | None, service: Any = None) -> Scenario:
    scenario = load_scenario(given)
    found = scenario if data is None else with_data(scenario, data)
    return found if service is None else promised(found, service)
