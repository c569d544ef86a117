"""The league of a scenario at an autonomy level: every agent that can act, ranked, with its time and what it looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from orderup.agents import list_agents, make_agent
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy
from orderup.envs.foundation.errors import InputError

from ..comparison.below import below
from ..comparison.caveats import collected
from ..comparison.prices import Bound
from ..comparison.side_by_side import compare
from ..measures.kpis import COST, OUTLAY
from ..measures.money import Money
from ..running.contestant import Contestant
from ..running.playing import CannotAct
from ..running.result import Result, Skipped, Traces
from ..running.shown import columns, html_table, told
from ..statistics.family import Family
from ..statistics.statistics import Floats, Interval, by_trace, first_groups, mean_interval, paired_difference
from .league_watch import AgentWatch, WatchedAgent

ALL_AGENTS = "all"
"""What stands for every agent there is, where one is asked for by name."""
FEW = 20
"""Traces for agents whose every decision is a program of its own."""
VARIANTS: tuple[dict[str, Any], ...] = (
    {"type": "optimised_base_stock", "forecast": True},
    {"type": "forecast_newsvendor", "method": "gradient_boosting"},
)
"""Agents that play a second time, with other keys than their defaults."""
NOT_ALONE = {
    "team": "it is made of other agents: agent={type:team,sites:…,planner:…}",
    "skill": "it is another agent in less skilled hands: agent={type:skill,policy:…}",
    "trained": "it is what a run has learnt: runs=[runs/<name>]",
}
"""Agents that need to be told who they are, and how."""

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class LeagueEntry:
    """One agent's place: what it cost, on how many traces, how long that took and what it looked at."""

    result: Result
    watch: AgentWatch
    seconds: float
    """From its first reset to its last period [s]."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.result.name

    @property
    def costs(self) -> Floats:
        """Of each of its traces (E,) [money/period]."""
        found: Floats = self.result.episodes["cost"].to_numpy()
        return found

    @property
    def spent(self) -> Floats:
        """The same without what customers pay (E,) [money/period]."""
        found: Floats = self.result.episodes[(OUTLAY if self.result.earns else COST).name].to_numpy()
        return found

    @property
    def play(self) -> float:
        """All but getting ready [s]."""
        return max(self.seconds - self.watch.fit, 0.0)

    def against(self, other: LeagueEntry) -> Interval:
        """Cost less the other's, paired on the traces that both played [money/period]."""
        common = min(len(self.costs), len(other.costs))
        groups = first_groups(self.result.groups, common)
        return paired_difference(self.costs[:common], other.costs[:common], groups=groups)


@dataclass(frozen=True, eq=False)
class League:
    """All agents that played a scenario at an autonomy level, the cheapest first, and why others did not.

    The traces of all begin with the same ones. Places are by the paired difference to the cheapest of those that played all
    traces, so that nobody is ahead for having met fewer.
    """

    autonomy: Autonomy
    entries: tuple[LeagueEntry, ...]
    left_out: tuple[Skipped, ...]
    bounds: tuple[Bound, ...] = ()

    def __repr__(self) -> str:
        """A line for each place."""
        rows = [(f"{place}.", *row) for place, row in enumerate(self._told, start=1)]
        return f"{self.traces} at {self.autonomy.name}\n{columns(rows)}"

    def _repr_html_(self) -> str:
        rows = [(str(place), *row) for place, row in enumerate(self._told, start=1)]
        return html_table(("place", "agent", self.money.word), rows)

    @property
    def money(self) -> Money:
        """Whether places are told by cost, or by profit where customers pay."""
        return Money(self.entries[0].result.earns)

    @property
    def _told(self) -> list[tuple[str, str]]:
        return [(entry.name, told(self.money.told(entry.result.interval))) for entry in self.entries]

    @classmethod
    def ranked(cls, autonomy: Autonomy, played: list[LeagueEntry], left_out: tuple[Skipped, ...]) -> League:
        """In their order. Raises InputError where nobody could play."""
        if not played:
            reasons = "; ".join(f"{skipped.name}: {skipped.reason}" for skipped in left_out)
            raise InputError("agent", ALL_AGENTS, f"a scenario and autonomy level at which somebody can act ({reasons})")
        most = max(len(entry.costs) for entry in played)
        anchor = min((entry for entry in played if len(entry.costs) == most), key=lambda entry: entry.result.cost)
        return cls(autonomy, tuple(sorted(played, key=lambda entry: entry.against(anchor).estimate)), left_out)

    @property
    def failed(self) -> bool:
        """Whether somebody is left out for an error of his own program."""
        return any(skipped.failed for skipped in self.left_out)

    @property
    def best(self) -> LeagueEntry:
        """The first of those that played all traces; who is ahead of it has met fewer."""
        most = max(len(entry.costs) for entry in self.entries)
        return next(entry for entry in self.entries if len(entry.costs) == most)

    @property
    def traces(self) -> Traces:
        """Those of whoever played the most."""
        return max((entry.result.traces for entry in self.entries), key=lambda traces: traces.episodes)

    @property
    def results(self) -> dict[str, Result]:
        """What each was evaluated to be, by name."""
        return {entry.name: entry.result for entry in self.entries}

    @property
    def errors(self) -> tuple[str, ...]:
        """What cannot be: somebody below what nobody can be below."""
        evaluated = [(entry.name, entry.costs) for entry in self.entries]
        return tuple(said for bound in self.bounds for said in below(bound, evaluated))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What agents leave out of account by their own account, each thing once with whom it is true of."""
        return collected((entry.name, entry.result.caveats) for entry in self.entries)

    def regret(self, bound: Bound) -> Interval:
        """Cost of the best over a bound, less 1, paired on its traces; where customers pay, as a share of what it spends."""
        costs = bound.cost[: len(self.best.costs)]
        whole = self.best.spent if self.money.earns else costs
        return mean_interval((self.best.costs - costs) / whole.mean(), groups=self.best.result.groups)

    @cached_property
    def chances(self) -> tuple[float, ...]:
        """How likely each looks dearer than another by chance alone, on the traces that all played who played as many as it.

        Whichever the traces have made the best, whoever is as good as the best is found dearer in one league of twenty.
        """
        counts = [len(entry.costs) for entry in self.entries]
        found = {count: self._beaten(count) for count in set(counts)}
        return tuple(found[count][entry.name] for count, entry in zip(counts, self.entries, strict=True))

    def _beaten(self, traces: int) -> dict[str, float]:
        """The same for all who played at least so many traces, by name."""
        there = [entry for entry in self.entries if len(entry.costs) >= traces]
        groups = first_groups(there[0].result.groups, traces)
        family = Family(tuple(by_trace(entry.costs[:traces], groups)[None] for entry in there))
        return {entry.name: float(chance) for entry, chance in zip(there, family.beaten, strict=True)}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row for each place: cost and paired difference to the best with intervals, seconds, and what was read."""
        return pd.DataFrame([self._row(place, entry) for place, entry in enumerate(self.entries, start=1)])

    def _row(self, place: int, entry: LeagueEntry) -> dict[str, Any]:
        cost, difference = entry.result.interval, entry.against(self.best)
        return {
            "scenario": self.traces.scenario.name,
            "autonomy": self.autonomy.name,
            "place": place,
            "agent": entry.name,
            "cost": cost.estimate,
            "cost_low": cost.low,
            "cost_high": cost.high,
            "difference": difference.estimate,
            "difference_low": difference.low,
            "difference_high": difference.high,
            "p_value": self.chances[place - 1],
            "traces": len(entry.costs),
            "fit_s": entry.watch.fit,
            "play_s": entry.play,
            "decision_ms": entry.watch.decision_ms,
            "decides": " and ".join(sorted(entry.watch.decides)),
            "reads": entry.watch.information,
        }


def league_of(
    scenario: Any,
    autonomy: Any = "autonomous_silo",
    *,
    episodes: int = 200,
    few: int = FEW,
    keys: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> League:
    """Let every agent play at an autonomy level, on the same traces; those that solve programs on the first `few` alone.

    `keys` has further keys of some agents, by name; `settings` are orderup.evaluate's: seed, split, horizon, batch, backend
    and device. Raises InputError as it does, and where nobody can act.
    """
    autonomy = load_autonomy(autonomy)
    played: list[LeagueEntry] = []
    left_out: list[Skipped] = []
    for contestant in players(autonomy, left_out, keys or {}):
        count = min(few, episodes) if contestant.agent.costly else episodes
        found = _played(scenario, contestant, {**settings, "episodes": count, "progress": progress})
        if isinstance(found, LeagueEntry):
            played.append(found)
        else:
            left_out.append(found)
    return League.ranked(autonomy, played, tuple(sorted(left_out, key=lambda skipped: skipped.name)))


def players(
    autonomy: Autonomy, left_out: list[Skipped], keys: Mapping[str, Mapping[str, Any]] | None = None
) -> Iterator[Contestant]:
    """Every agent by its defaults and these `keys`, then the variants; who cannot be made so is added to those left out."""
    for given in (*({"type": name} for name in list_agents()), *VARIANTS):
        name = named(given)
        if name in NOT_ALONE:
            left_out.append(Skipped(autonomy.name, name, NOT_ALONE[name]))
            continue
        try:
            yield Contestant(autonomy, make_agent({**(keys or {}).get(given["type"], {}), **given}), name)
        except InputError as error:
            left_out.append(Skipped(autonomy.name, name, str(error)))


def named(given: dict[str, Any]) -> str:
    """What an agent with these keys is called: `optimised_base_stock[forecast=True]`."""
    keys = ",".join(f"{key}={str(value).lower()}" for key, value in given.items() if key != "type")
    return f"{given['type']}[{keys}]" if keys else str(given["type"])


def watched(scenario: Any, contestant: Contestant, **settings: Any) -> LeagueEntry:
    """One agent played, with its time and what it looked at. Raises CannotAct where it cannot, and InputError as `compare`."""
    watch, begun = AgentWatch(), time.perf_counter()
    seen = replace(contestant, agent=WatchedAgent.of(contestant.agent, watch))
    (result,) = compare(scenario, [seen], **settings).results
    return LeagueEntry(replace(result, agent=contestant.agent), watch, time.perf_counter() - begun)


def _played(scenario: Any, contestant: Contestant, settings: dict[str, Any]) -> LeagueEntry | Skipped:
    """What became of one agent: its place, or why it has none. Raises InputError for what is wrong with the traces."""
    try:
        return watched(scenario, contestant, **settings)
    except CannotAct as error:
        return Skipped(contestant.autonomy.name, contestant.name, error.reason, error.failed)
    except InputError as error:
        if not error.key.startswith(("agent.", "information.", "decision.")):
            raise
        return Skipped(contestant.autonomy.name, contestant.name, str(error))
