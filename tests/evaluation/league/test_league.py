from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

import orderup
from orderup.agents import agents, list_agents
from orderup.agents.base import Agent
from orderup.agents.forecasting import boosting
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.evaluation import League, league_of, show_league
from orderup.evaluation.command import Evaluate, leagues
from orderup.evaluation.comparison.prices import Bound
from orderup.evaluation.league.league import VARIANTS, named
from orderup.evaluation.league.league_table import write_league_files

from ..cases import RANDOM

QUICK: dict[str, Any] = {"optimised_base_stock": {"iterations": 0, "neighbours": False}, "mpc": {"scenarios": 2}}


def quick(scenario: Any, level: str, **settings: Any) -> League:
    return league_of(scenario, level, **{"episodes": 6, "few": 2, "horizon": 14, "keys": QUICK, **settings})


@pytest.fixture(scope="module", autouse=True)
def few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boosting, "TREES", 3)
        yield


@pytest.fixture(scope="module")
def played() -> League:
    return quick(RANDOM, "central_ideal")


def printed(found: League) -> str:
    out = StringIO()
    show_league(found, Console(file=out, width=120))
    return " ".join(out.getvalue().split())


def test_every_agent_there_is_has_a_place_or_a_reason(played: League) -> None:
    names = [*(entry.name for entry in played.entries), *(skipped.name for skipped in played.left_out)]
    assert sorted(names) == sorted([*list_agents(), *(named(given) for given in VARIANTS)])
    assert all(skipped.reason for skipped in played.left_out)


def test_what_must_be_trained_or_told_is_left_out_with_the_way_to_do_it(played: League) -> None:
    reasons = {skipped.name: skipped.reason for skipped in played.left_out}
    assert "orderup train" in reasons["ppo"]
    assert "orderup train" in reasons["pathwise"]
    assert "runs=" in reasons["trained"]
    assert "agent={type:team" in reasons["team"]
    assert "a serial line" in reasons["clark_scarf"]


def test_places_go_by_paired_differences_to_the_best_with_all_traces(played: League) -> None:
    differences = [entry.against(played.best).estimate for entry in played.entries]
    assert differences == sorted(differences)
    assert len(played.best.costs) == 6
    full = [entry.result.cost for entry in played.entries if len(entry.costs) == 6]
    assert played.best.result.cost == min(full)


def test_agents_that_solve_programs_play_the_first_few_traces_only(played: League) -> None:
    few = {entry.name: entry for entry in played.entries if len(entry.costs) < 6}
    assert set(few) == {"mpc", "certainty_equivalent"}
    alone = orderup.evaluate(RANDOM, "central_ideal", {"type": "mpc", "scenarios": 2}, episodes=2, horizon=14)
    assert few["mpc"].costs.tolist() == alone.episodes["cost"].tolist()
    assert "2*" in printed(played)


def test_to_be_watched_changes_nothing(played: League) -> None:
    result = orderup.evaluate(RANDOM, "central_ideal", "s_s", episodes=6, horizon=14)
    assert played.results["s_s"].episodes["cost"].tolist() == result.episodes["cost"].tolist()
    assert agents.name_of(type(played.results["s_s"].agent)) == "s_s"


def test_it_tells_what_everybody_read_and_how_long_they_took(played: League) -> None:
    by_name = {entry.name: entry.watch for entry in played.entries}
    assert by_name["base_stock"].information == "nothing"
    assert by_name["base_stock"].decides == {"levels"}
    assert by_name["echelon_base_stock"].all_sites == {"on_hand", "backlog", "pipeline", "unfilled"}
    assert by_name["mpc"].deciding > by_name["base_stock"].deciding
    assert by_name["mpc"].decisions == 2 * 14
    silo = {entry.name: entry.watch for entry in quick(RANDOM, "autonomous_silo").entries}
    assert silo["forecast_newsvendor"].information == "own: demand, received_orders, stockout"


def test_where_centre_and_sites_decide_both_are_watched() -> None:
    found = quick(RANDOM, "hybrid_soe")
    watch = next(entry.watch for entry in found.entries if entry.name == "forecast_newsvendor")
    assert "levels, which the sites execute" in {skipped.name: skipped.reason for skipped in found.left_out}["r_q"]
    assert watch.own
    assert watch.all_sites
    assert watch.decisions > 6 * 14


def test_the_table_says_who_is_not_in_it_and_what_was_looked_at(played: League) -> None:
    text = printed(played)
    assert "optimised_base_stock[forecast=true]" in text
    assert "Not in it: ppo" in text
    assert "central_ideal shows integrated records, authority central" in text
    assert "6 traces of random_line, seed 10000, periods 11 to 14" in text


def test_where_customers_pay_places_are_told_by_profit_and_per_cents_are_of_what_is_spent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orderup.evaluation.league.league.list_agents", lambda: ["base_stock", "hold"])
    monkeypatch.setattr("orderup.evaluation.league.league.VARIANTS", ())
    selling = {**RANDOM, "customers": [{**entry, "price": 20} for entry in RANDOM["customers"]]}
    found = quick(selling, "autonomous_silo")
    best, other = found.entries
    assert [best.name, other.name] == ["base_stock", "hold"]
    assert best.result.cost < 0
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in _lines(found)]
    heading, _, first, second = rows[2:6]
    assert heading[:4] == ["agent", "profit", "− best", "%"]
    assert first[1].startswith(f"{-best.result.cost:.1f} ±")
    less = best.result.cost - other.result.cost
    assert float(second[2].split()[0]) == pytest.approx(less, abs=0.6)
    assert float(second[3]) == pytest.approx(100 * less / best.result.kpis["outlay"], abs=0.06)
    text = printed(found)
    assert "profit is money per period" in text
    assert "Per cents are of what is spent" in text
    assert [line.split()[:2] for line in repr(found).splitlines()[1:]] == [["1.", "base_stock"], ["2.", "hold"]]
    assert [float(line.split()[2].replace(",", "")) > 0 for line in repr(found).splitlines()[1:]] == [True, False]
    bound = Bound("hindsight", best.costs - 5.0, True)
    above = printed(replace(found, bounds=(bound,)))
    assert f"Nobody earns more than {5 - best.result.cost:.1f} on any trace (hindsight); base_stock is" in above
    assert f"{500 / best.result.kpis['outlay']:.2f} ± 0.00 % below." in above


def _lines(found: League) -> list[str]:
    out = StringIO()
    show_league(found, Console(file=out, width=160))
    return out.getvalue().splitlines()


def test_the_frame_has_a_row_for_each_place_and_is_written_whole(played: League, tmp_path: Path) -> None:
    path = write_league_files([played, played], tmp_path / "both")
    kept = pd.read_csv(path)
    assert len(kept) == 2 * len(played.entries)
    assert kept["agent"].iloc[0] == played.entries[0].name
    assert [file.name for file in path.parent.iterdir()] == ["league.csv"]


def test_all_is_understood_by_the_command_and_evaluate_says_who_ranks_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderup.evaluation.league.league.list_agents", lambda: ["base_stock", "hold", "team"])
    monkeypatch.setattr("orderup.evaluation.league.league.VARIANTS", ())
    found = orderup.league_of("newsvendor", episodes=3, horizon=55)
    assert [entry.name for entry in found.entries] == ["base_stock", "hold"]
    with pytest.raises(InputError, match="league_of"):
        orderup.evaluate("newsvendor", agents="all")
    keys = validated(Evaluate, {"scenario": "owmr", "agent": "all", "episodes": 3, "few": 1, "bound": "decomposition"})
    assert keys.all_agents


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"agent": ["all", "hold"]}, "all alone"),
        ({"agent": {"type": "all", "levels": 3}}, "all alone"),
        ({"agent": "all", "runs": ["runs/a"]}, "nothing beside agent=all"),
        ({"agent": "hold", "few": 3}, "few: found 3"),
    ],
)
def test_all_is_refused_with_what_it_excludes(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        _ = validated(Evaluate, {"scenario": "newsvendor", **keys}).all_agents


def test_without_a_scenario_there_is_no_league() -> None:
    with pytest.raises(InputError, match="scenario: found 'nothing'"):
        leagues(validated(Evaluate, {"agent": "all"}))


class Curious(Agent):
    """Asks for what its level does not give, after a while."""

    def reset(self, context: Context) -> None:
        self.__dict__["asked"] = 0

    def act(self, information: Information) -> Decision:
        if information.period > 2:
            information.everywhere("on_hand")
        return Decision(quantity=0.0)


def test_one_who_asks_for_what_the_level_does_not_give_is_left_out_by_the_fields_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(agents._classes, "curious", Curious)
    reasons = {skipped.name: skipped.reason for skipped in quick("newsvendor", "autonomous_silo", horizon=55).left_out}
    assert "information.on_hand" in reasons["curious"]
