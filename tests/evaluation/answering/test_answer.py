"""An answer in one go: every level at equal service against today, which sites first, and what if."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orderup.commands.answer import main
from orderup.commands.evaluate import main as evaluate
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.answering.answer import Answer, answer
from orderup.evaluation.answering.chart import chart
from orderup.evaluation.answering.what_if import kpi_rows
from orderup.evaluation.answering.writing import as_page, levels_table, sites_table

FIRM: dict[str, Any] = {
    "name": "firm",
    "period": "week",
    "horizon": 40,
    "warmup": 10,
    "products": ["tea & more", "rice"],
    "value": {"tea & more": 4.0, "rice": 2.0},
    "sites": {
        "Köln <Süd>": {"role": "store", "holding": 1.0},
        "Berlin": {"role": "store", "holding": 1.0},
        "Lager": {"role": "warehouse", "holding": 0.5},
    },
    "lanes": [
        {"from": "Lager", "to": "Köln <Süd>", "lead_time": 1},
        {"from": "Lager", "to": "Berlin", "lead_time": 1},
        {"from": "supplier", "to": "Lager", "lead_time": 2},
    ],
    "customers": [
        {"site": name, "service": {"fill": 0.95}, "demand": {"type": "poisson", "mean": mean}}
        for name, mean in (("Köln <Süd>", 12.0), ("Berlin", 8.0))
    ],
}
SLOW_SUPPLIER = {**FIRM, "name": "slow_supplier", "lanes": [*FIRM["lanes"][:2], {**FIRM["lanes"][2], "lead_time": 6}]}


@pytest.fixture(scope="module")
def found() -> Answer:
    return answer(FIRM, [SLOW_SUPPLIER], episodes=24, shares=(0.8,))


def test_all_levels_serve_alike(found: Answer) -> None:
    assert len(found.comparison.methods) >= 9
    assert [method.kpis["fill_rate"] for method in found.comparison.methods] == pytest.approx(
        [0.95] * len(found.comparison.methods), abs=0.006
    )


def test_all_are_compared_with_today(found: Answer) -> None:
    assert found.today.autonomy.name == "central_stale"
    assert found.freest is not None
    assert found.freest.autonomy.name == "autonomous_silo"
    assert "costs less than central_stale" in found.headline


def test_every_site_is_left_to_itself_once_the_largest_saving_first(found: Answer) -> None:
    assert {one.site for one in found.alone} == set(FIRM["sites"])
    savings = [one.cost.estimate for one in found.alone]
    assert savings == sorted(savings)
    for one in found.alone:
        assert one.verdict.startswith("could") == (one.cost.low <= 0)


def test_a_supplier_three_times_as_slow_takes_more_stock_for_the_same_service(found: Answer) -> None:
    rows = {kpi.name: cells for kpi, cells in kpi_rows(found.what_if)}
    assert rows["on_hand"][1].arrow == "▲"
    assert rows["on_hand"][1].better is False
    assert rows["fill_rate"][0].difference == ""


def test_the_frontier_rises(found: Answer) -> None:
    assert found.frontier is not None
    assert set(found.frontier["target"]) == {0.8}
    both = pd.concat([found.frontier, found.frontier.assign(service=0.9, cost=found.frontier["cost"] * 1.5)])
    assert all(len(line.dots) == 2 for line in chart(both).lines)


def test_the_page_has_her_names_and_words_and_nothing_from_elsewhere(found: Answer) -> None:
    page = as_page(found, "orderup answer <firm>.yaml")
    assert "Köln &lt;Süd&gt;" in page
    assert "<Süd>" not in page
    assert "weeks of stock" in page
    assert "slow_supplier" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_tables_hold_what_the_page_shows(found: Answer) -> None:
    levels, sites = levels_table(found), sites_table(found)
    assert (levels["cost_low"] <= levels["cost_difference"]).all()
    assert levels["working_capital"].notna().all()
    assert sites["site"].tolist() == [one.site for one in found.alone]


def test_without_a_target_one_is_assumed_and_said() -> None:
    found = answer("newsvendor", today="autonomous_silo", autonomy=["autonomous_silo"], episodes=8, shares=(), horizon=60)
    assert any("95 % of demand" in line for line in found.assumptions)
    assert found.alone == ()


def test_the_command_answers_by_a_file_that_stands_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = ["autonomy=[autonomous_silo]", "episodes=4", "frontier=[]", "service={fill: 0.9}"]
    assert main(["owmr-small", *keys]) == 0
    assert "Which sites could decide alone first" in capsys.readouterr().out
    folder = tmp_path / "reports" / "owmr_small-answer"
    assert {path.name for path in folder.iterdir()} == {"index.html", "levels.csv", "sites.csv", "summary.json", "details"}
    assert json.loads((folder / "summary.json").read_text())["headline"].startswith("At equal service")
    assert evaluate(["study=answer", "scenario=owmr-small", "name=again", *keys]) == 0
    assert (folder.parent / "again" / "levels.csv").read_text() == (folder / "levels.csv").read_text()


def test_what_cannot_be_answered_is_refused() -> None:
    with pytest.raises(InputError, match="scenario: found 'nothing'"):
        main(["episodes=4"])
    with pytest.raises(InputError, match="networks that stand alone"):
        main(["owmr", "scenario=newsvendor"])
    with pytest.raises(InputError, match="did you mean 'episodes'"):
        main(["owmr", "episods=4"])
