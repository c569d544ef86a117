"""The answer: every level of autonomy at equal service, which sites could decide alone first, and what if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orderup.agents.service import has_targets
from orderup.envs.autonomy.autonomy import VISIBILITIES, Autonomy
from orderup.envs.catalogue import each_autonomy, list_autonomy, load_autonomy, load_scenario, promised, with_data
from orderup.envs.foundation.errors import InputError
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..comparison.comparison import Comparison
from ..comparison.frontier import frontier
from ..comparison.method import Method
from ..comparison.side_by_side import compare
from ..running.contestant import Contestant, contestant_of
from ..statistics.digits import significant
from .alone_first import MOST, Alone, alone, contestants_alone, levels_alone, sites_to_try
from .keys import EPISODES

if TYPE_CHECKING:
    import pandas as pd

USUAL_SERVICE = {"fill": 0.95}
STRAWMEN = ("central_single",)
"""Levels that nobody would choose, which are left out unless they are asked for."""


@dataclass(frozen=True)
class Impossible:
    """A level that her network does not have, and why."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network's levels of autonomy come to at equal service."""

    name: str
    """The network's."""
    comparison: Comparison
    """Of all levels, against today's."""
    alone: tuple[Alone, ...]
    """Sites that were left to themselves one by one, the largest saving first."""
    tried: Comparison | None
    """Of these."""
    what_if: tuple[Method, ...]
    """Today's level on the network, and on each of the others."""
    frontier: pd.DataFrame | None
    """Service, cost and stock of each level at further targets."""
    impossible: tuple[Impossible, ...]
    assumptions: tuple[str, ...]
    """The scenario's, and those of the answer."""

    @property
    def today(self) -> Method:
        """How it is done today."""
        return self.comparison.reference_method

    @property
    def best(self) -> Method:
        """The cheapest level."""
        return min(self.comparison.methods, key=lambda method: method.cost)

    @property
    def freest(self) -> Method | None:
        """The cheapest of those at which every site decides for itself; of equals the one that sees least."""
        free = [method for method in self.comparison.methods if not method.autonomy.has_planner]
        seen = {name: number for number, name in enumerate(VISIBILITIES)}
        return min(free, key=lambda method: (round(method.cost, 9), seen[method.autonomy.visibility]), default=None)

    @property
    def headline(self) -> str:
        """The answer in two sentences."""
        today, free = self.today, self.freest
        service = f"{100 * today.kpis['fill_rate']:.1f} % of demand served from the shelf"
        if free is None or free is today:
            return f"{today.autonomy.name} costs {significant(today.cost, ',')} per period with {service}."
        gap = self.comparison.difference(free)
        share = abs(gap.estimate) / abs(today.cost)
        sure = "costs no more and no less than" if gap.low <= 0 <= gap.high else None
        verb = sure or ("costs less than" if gap.estimate < 0 else "costs more than")
        told = "" if sure else f", by {100 * share:.1f} %"
        stock = free.kpis["on_hand"] / today.kpis["on_hand"] - 1.0 if today.kpis["on_hand"] else 0.0
        return (
            f"At equal service ({service}), leaving every site to itself ({free.autonomy.name}) {verb} {today.autonomy.name}"
            f"{told}, with {abs(100 * stock):.1f} % {'less' if stock < 0 else 'more'} stock."
        )

    def __repr__(self) -> str:
        """The headline."""
        return self.headline


def answer(
    scenario: Any,
    others: Sequence[Any] = (),
    *,
    service: Any = None,
    today: Any = "central_stale",
    autonomy: Any = None,
    agent: Any = "base_stock",
    shares: Sequence[float] = (0.9, 0.98),
    data: str | None = None,
    episodes: int = EPISODES,
    **settings: Any,
) -> Answer:
    """How far the sites of a network can be left to themselves, at equal service.

    `service` is a target in place of the network's shortage costs; left out, its own targets, or 95 % of demand where it has
    none. `today` is the level closest to how it is done now, which all are compared with; `others` are further networks, what
    if; `shares` further targets for the frontier. `settings` are those of orderup.compare. Raises InputError.
    """
    loaded = _loaded(scenario, data)
    played, said = _with_service(loaded, service)
    now = load_autonomy(today)
    levels, impossible = possible_levels(played, now, autonomy)
    contestants = [contestant_of(level, agent) for level in levels]
    found = compare(played, contestants, episodes=episodes, **settings)
    found = replace(found, against=_label(found, now))
    apart = levels_alone(now, sites_to_try(played))
    tried = _tried(played, contestants[0], apart, agent, {"episodes": episodes, **settings}) if apart else None
    ranked = () if tried is None else tuple(alone(tried, tried.reference_method, apart))
    if len(played.sites) > MOST and apart:
        said = (*said, f"Of {len(played.sites)} sites the {MOST} with most demand were left to themselves one by one.")
    kind = next((entry.service.kind for entry in played.customers if entry.service is not None), "fill")
    drawn = frontier(played, _distinct(found), shares, kind, episodes=episodes, **settings) if shares else None
    compared = _what_if(found, others, service, data, contestants[0], {"episodes": episodes, **settings})
    return Answer(loaded.name, found, ranked, tried, compared, drawn, tuple(impossible), (*played.assumptions, *said))


def _loaded(given: Any, data: str | None) -> Scenario:
    loaded = load_scenario(given)
    return loaded if data is None else with_data(loaded, data)


def _with_service(scenario: Scenario, service: Any) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario with a target, and what was assumed of it."""
    if service is not None:
        return promised(scenario, service), ()
    if has_targets(scenario):
        return scenario, ()
    told = "Customers are to have 95 % of demand served from the shelf, in place of the network's shortage costs (service)."
    return promised(scenario, USUAL_SERVICE), (told,)


def possible_levels(scenario: Scenario, today: Autonomy, asked: Any) -> tuple[list[Autonomy], list[Impossible]]:
    """Today's level first, then those asked for, or all that come with the project, as far as the network can have them."""
    given = each_autonomy(asked) if asked is not None else [load_autonomy(name) for name in list_autonomy()]
    wanted = [level for level in given if asked is not None or level.name not in STRAWMEN]
    found: dict[str, Autonomy] = {}
    impossible = []
    for level in (today, *wanted):
        try:
            Simulator(scenario, level)
        except InputError as error:
            if level is today:
                raise
            impossible.append(Impossible(level.name, str(error)))
            continue
        found.setdefault(level.name, level)
    return list(found.values()), impossible


def _label(comparison: Comparison, level: Autonomy) -> str:
    """The label of the method at a level, as it is settled on the network."""
    named = [method.label for method in comparison.methods if method.autonomy.name == level.name]
    return named[0] if named else ""


def _tried(
    scenario: Scenario, today: Contestant, levels: dict[str, Autonomy], agent: Any, settings: dict[str, Any]
) -> Comparison:
    """Today's level, and each at which one site orders for itself, on the same traces."""
    found = compare(scenario, [today, *contestants_alone(levels, agent)], **settings)
    return replace(found, against=_label(found, today.autonomy))


def _distinct(comparison: Comparison) -> list[Contestant]:
    """One contestant for all that make the same decisions on every trace."""
    kept: dict[float, Contestant] = {}
    for result in comparison.results:
        kept.setdefault(round(float(result.cost), 9), Contestant(result.autonomy, result.agent, result.name))
    return list(kept.values())


def _what_if(
    found: Comparison, others: Sequence[Any], service: Any, data: str | None, today: Contestant, settings: dict[str, Any]
) -> tuple[Method, ...]:
    """Today's level on every network."""
    if not others:
        return ()
    elsewhere = [compare(_with_service(_loaded(other, data), service)[0], [today], **settings).methods[0] for other in others]
    return (found.reference_method, *elsewhere)
