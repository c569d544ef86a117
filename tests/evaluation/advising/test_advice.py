"""Advice is what simulating says, with names and in words, and what the atlas adds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orderup.commands.advise import main
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.advising.advice import LEVELS, Advice, advise
from orderup.evaluation.advising.advice_page import in_words, write_advice
from orderup.evaluation.atlas.design import CENTRE, SITES
from orderup.evaluation.atlas.expectation import shipped_expectation
from orderup.evaluation.atlas.likeness import shipped_networks
from orderup.evaluation.running.runner import evaluate


@pytest.fixture(scope="module")
def advice() -> Advice:
    return advise(load_scenario("owmr-small"), "base_stock", 8, 10_000, shipped_expectation(), shipped_networks())


def test_levels_cost_what_evaluating_says(advice: Advice) -> None:
    found = {cost.level: cost for cost in advice.costs}
    assert set(found) == set(LEVELS)
    for level in (SITES, CENTRE):
        result = evaluate("owmr-small", level, "base_stock", episodes=8, seed=10_000)
        assert found[level].cost == pytest.approx(result.cost, rel=1e-4)
    assert [cost.cost for cost in advice.costs] == sorted(cost.cost for cost in advice.costs)


def test_the_curve_goes_from_nobody_to_everybody(advice: Advice) -> None:
    first, last = advice.alone[0], advice.alone[-1]
    by_level = {cost.level: cost.cost for cost in advice.costs}
    assert not first.sites
    assert first.cost == pytest.approx(by_level[CENTRE])
    assert len(last.sites) == len(load_scenario("owmr-small").sites)
    assert last.cost == pytest.approx(by_level[SITES], rel=0.02)
    for less, more in zip(advice.alone, advice.alone[1:], strict=False):
        assert more.sites[: len(less.sites)] == less.sites


def test_three_facts_are_named_and_the_answer_comes_first(advice: Advice) -> None:
    sentences = in_words(advice)
    assert len(advice.because) == 3
    assert "the least" in sentences[0]
    assert any("left alone" in sentence for sentence in sentences)


def test_a_few_questions_lead_to_a_level(advice: Advice) -> None:
    tree = shipped_expectation().tree
    assert tree is not None
    assert advice.chosen in {leaf.level for leaf in tree.leaves}
    assert any(all(asked in sentence for asked in advice.asked) and "would choose" in sentence for sentence in in_words(advice))


def test_networks_that_are_like_it_are_shown(advice: Advice) -> None:
    assert len(advice.alike) == 10
    fewer = sum(one.sites < one.centre for one in advice.alike)
    assert any(f"cost less than a late centre on {fewer};" in sentence for sentence in in_words(advice))


def test_files_hold_the_same(advice: Advice, tmp_path: Path) -> None:
    write_advice(advice, tmp_path, "orderup advise scenario=<b>")
    data = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert data["sentences"] == in_words(advice)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "scenario=&lt;b&gt;" in page
    assert "scenario=<b>" not in page


def test_the_command_writes_and_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    main(["scenario=newsvendor", "agent=base_stock", "traces=4"])
    assert (tmp_path / "reports" / "advice_newsvendor" / "index.html").is_file()
    for wrong in ("scenario=nowhere", "traces=1", "agent=nobody"):
        with pytest.raises(InputError):
            main(["scenario=newsvendor", wrong])
