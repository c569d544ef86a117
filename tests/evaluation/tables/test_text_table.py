from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from orderup.evaluation import Comparison, compare, contestants, show
from orderup.evaluation.statistics.digits import decimals_for
from orderup.evaluation.tables.text_table import notes

from ..cases import RANDOM, TWO_SITES, costing


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    levels, agents = ["central_ideal", "autonomous_silo"], ["echelon_base_stock", "base_stock", "hold"]
    return compare(RANDOM, contestants(levels, agents), episodes=20)


def printed(comparison: Comparison, width: int = 100, terminal: bool = False) -> str:
    out = StringIO()
    show(comparison, Console(file=out, width=width, force_terminal=terminal))
    return out.getvalue()


def test_the_table_fits_a_hundred_columns_without_folding_a_name(comparison: Comparison) -> None:
    text = printed(comparison)
    assert max(map(len, text.splitlines())) <= 100
    for result in comparison.results:
        assert any(line.split()[:2] == [result.autonomy.name, result.name] for line in text.splitlines())


def test_the_table_names_its_reference_traces_and_who_was_skipped(comparison: Comparison) -> None:
    text = " ".join(printed(comparison).split())
    assert "Reference: central_ideal / echelon_base_stock (the first autonomy level at which a centre orders for all)" in text
    assert "20 traces of random_line, seed 10000, periods 11 to 30" in text
    assert "Skipped: echelon_base_stock at autonomous_silo" in text
    assert "Warning" not in text


def test_arrows_say_who_costs_more(comparison: Comparison) -> None:
    rows = {" ".join(line.split()[:2]): line for line in printed(comparison).splitlines() if "±" in line}
    assert "reference" in rows["central_ideal echelon_base_stock"]
    assert "▲" in rows["autonomous_silo hold"]
    assert "+" in rows["autonomous_silo hold"]
    better = replace(comparison, results=(comparison.results[2], comparison.results[1]))
    assert "▼" in printed(better)


def test_policies_that_do_the_same_cannot_be_told_apart(comparison: Comparison) -> None:
    same = next(result for result in comparison.results if result.label == "central_ideal / base_stock")
    silo = next(result for result in comparison.results if result.label == "autonomous_silo / base_stock")
    assert "≈" in printed(replace(comparison, results=(same, silo)))


def test_what_is_not_a_terminal_gets_no_colours(comparison: Comparison) -> None:
    assert "\x1b" not in printed(comparison)
    assert "\x1b" in printed(comparison, terminal=True)


def test_markup_in_a_name_is_only_text(comparison: Comparison) -> None:
    named = replace(comparison, results=(replace(comparison.results[0], name="[bold]x[/bold]"),))
    assert "[bold]x[/bold]" in printed(named)


def test_several_seeds_are_one_row(comparison: Comparison) -> None:
    costs = comparison.results[0].episodes["cost"]
    runs = [costing(costs + seed, name=f"ppo-{seed}", seed=seed) for seed in range(3)]
    text = printed(Comparison(tuple(runs)))
    assert text.count("ppo (3 seeds)") == 1
    assert "ppo-1" not in text
    assert "Warning: autonomous_silo / ppo: 3 training seeds are few" in text


def test_the_headline_stands_below_the_table(comparison: Comparison) -> None:
    assert " ".join(comparison.headline.split()) in " ".join(printed(comparison).split())


def test_one_episode_and_no_bullwhip_are_shown_as_unknown() -> None:
    text = printed(compare(TWO_SITES, [("autonomous_silo", "base_stock"), ("autonomous_silo", "hold")], episodes=1, horizon=1))
    assert "± –" in text
    assert "nan" not in text


def test_traces_that_are_not_held_out_are_warned_of() -> None:
    found = notes(compare(RANDOM, [("autonomous_silo", "hold")], episodes=3, seed=1))
    assert any(note.startswith("Warning: seed 1 is one of those for training") for note in found)
    assert any("at no autonomy level does a centre order for all" in note for note in found)


@pytest.mark.parametrize(
    ("value", "decimals"), [(9.9532, 3), (25.168, 2), (-204.07, 1), (1e6, 0), (1e-12, 9), (float("nan"), 3)]
)
def test_four_digits_are_shown(value: float, decimals: int) -> None:
    assert decimals_for(value) == decimals
