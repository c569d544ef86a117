"""The report's page as text: what it says, and that nobody's names become code in it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

import orderup
from orderup.envs.catalogue import changed, load_scenario
from orderup.evaluation.comparison.comparison import Comparison
from orderup.evaluation.page.embedding import as_script_data
from orderup.evaluation.page.replay_data import replay
from orderup.evaluation.page.writing import as_page, write_page
from orderup.evaluation.running.contestant import Contestant

from ..cases import RANDOM

HOSTILE = "</script><script>alert(1)</script>\u2028\"'><img src=x onerror=alert(2)>"
LEVELS = ("central_ideal", "central_stale", "hybrid_soe", "autonomous_silo")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    short = changed(load_scenario("owmr"), horizon=30, warmup=5)
    return orderup.compare(short, [(level, "base_stock") for level in LEVELS], episodes=20)


@pytest.fixture(scope="module")
def page(comparison: Comparison) -> str:
    return as_page(comparison, "python evaluate.py scenario=owmr")


def without_plotly(page: str) -> str:
    """The page less the library, which is its longest script."""
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    return page.replace(max(scripts, key=len), "")


def data_of(page: str) -> Any:
    (found,) = re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(found)


def test_the_page_is_one_file_that_asks_for_nothing_else(page: str) -> None:
    own = without_plotly(page)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", own)
    assert not re.search(r"@import|url\(\s*['\"]?http", own)
    assert len(page.encode()) < 10_000_000
    assert len(own.encode()) < 1_000_000


def test_the_page_says_who_wins_and_how_it_was_made(page: str, comparison: Comparison) -> None:
    text = html.unescape(page)
    assert comparison.headline in text
    assert "python evaluate.py scenario=owmr" in text
    for level in LEVELS:
        assert level in text


def test_every_figure_comes_with_its_data_and_the_tables_cost_is_the_evaluates(page: str, comparison: Comparison) -> None:
    figures = data_of(page)["figures"]
    assert len(figures) >= 5
    assert all(figures.values())
    for method in comparison.methods:
        assert f"{method.cost:.1f}" in page


def test_every_button_gives_data_that_are_there(page: str) -> None:
    data = data_of(page)
    buttons = set(re.findall(r'data-csv="([^"]+)"', page))
    assert buttons == {*data["figures"], *data["sheets"], "parts", "part", "replay"} - {
        "resilience-table",
        "both-ladders",
        "spreads",
    }
    rows = data["sheets"]["ladder-table"]["rows"]
    assert [row[:2] for row in rows] == [[level, "base_stock"] for level in LEVELS]


def test_prices_name_their_partner(page: str) -> None:
    text = html.unescape(page)
    assert "price of autonomy: <span>cost less that of the ideal centre, as a share of the latter" in text
    assert "<td>autonomous_silo / base_stock</td><td>central_ideal / base_stock</td>" in text
    prices = data_of(page)["sheets"]["prices"]["rows"]
    assert ["price of autonomy", "hybrid_soe / base_stock", "central_ideal / base_stock"] in [row[:3] for row in prices]


def test_products_segments_and_lanes_are_told_as_the_evaluate_has_them() -> None:
    found = orderup.compare(RANDOM, [("autonomous_silo", "base_stock"), ("federated", "hold")], episodes=5)
    shown = {kind["name"]: kind for kind in data_of(as_page(found, recorded=False))["parts"]}
    assert list(shown) == ["site", "product", "segment", "lane"]
    for name, column in (("site", "turns"), ("product", "fill_rate"), ("segment", "demanded"), ("lane", "share")):
        kind, expected = shown[name], getattr(found.results[0], f"{name}s")
        place = [each["name"] for each in kind["columns"]].index(column.replace("_", " "))
        assert kind["rows"] == list(expected.index)
        assert kind["methods"][0]["values"][place] == pytest.approx(expected[column].to_list(), rel=1e-4)


def test_what_an_outage_does_is_drawn_against_the_undisturbed_twin() -> None:
    found = orderup.compare("disruption_single", [(level, "base_stock") for level in LEVELS], episodes=12, horizon=300)
    shown = data_of(as_page(found, recorded=False))
    service = shown["figures"]["around-outage-gap"]
    first = next(row for row in service["rows"] if row[2] == 0)
    assert first[3:] == [-1, -1, -1, 1]  # the outage takes all service away at once
    recover = [row for row in shown["sheets"]["resilience-table"]["rows"] if row[2] == "time_to_recover"]
    assert [row[:2] for row in recover] == [[level, "base_stock"] for level in LEVELS]
    assert recover[1][3] > recover[0][3] > 0  # who hears of it late recovers late
    assert "What an outage does" in as_page(found, recorded=False)


def test_the_replay_is_the_trace_as_the_simulator_runs_it(comparison: Comparison) -> None:
    shown = replay(comparison.methods)
    assert shown["periods"] == 30
    assert [method["label"] for method in shown["methods"]] == [f"{level} / base_stock" for level in LEVELS]
    costs = comparison.results[0].episodes["cost"].to_numpy()[0]
    recorded = [cost for cost in shown["methods"][0]["cost"][1:] if cost is not None]
    assert sum(recorded[5:]) / 25 == pytest.approx(costs, rel=1e-2)


def test_the_same_comparison_gives_the_same_page(comparison: Comparison, page: str) -> None:
    assert as_page(comparison, "python evaluate.py scenario=owmr") == page


def test_nobodys_names_become_code() -> None:
    named = changed(load_scenario("newsvendor"), description=HOSTILE, horizon=20, warmup=2)
    contestants = [
        Contestant(orderup.load_autonomy("autonomous_silo"), orderup.make_agent("base_stock"), name)
        for name in (HOSTILE, "=cmd()|x", "plain")
    ]
    found = as_page(orderup.compare(named, contestants, episodes=3), f"python evaluate.py name={HOSTILE}")
    own = without_plotly(found)
    assert "<script>alert" not in own
    assert "<img src=x" not in own
    assert "\u2028" not in re.findall(r'type="application/json"[^>]*>(.*?)</script>', own, re.DOTALL)[0]
    assert "'=cmd()" in json.dumps(data_of(found))


def test_plain_data_cannot_leave_its_script() -> None:
    text = str(as_script_data({HOSTILE: [HOSTILE, float("nan"), 1.23456789]}))
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == {HOSTILE: [HOSTILE, None, 1.2346]}


def test_a_page_that_cannot_be_written_is_refused(comparison: Comparison, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(orderup.InputError):
        write_page(comparison, tmp_path / "file", recorded=False)


def test_fifty_methods_fit_on_a_page(tmp_path: Path) -> None:
    short = changed(load_scenario("newsvendor"), horizon=20, warmup=2)
    contestants = [
        Contestant(
            orderup.load_autonomy("autonomous_silo"),
            orderup.make_agent({"type": "base_stock", "levels": {"store_1": 10.0 + level}}),
            f"level_{level}",
        )
        for level in range(50)
    ]
    path = write_page(orderup.compare(short, contestants, episodes=5), tmp_path)
    assert path.stat().st_size < 10_000_000


def test_what_was_assumed_is_on_the_first_screen_and_no_markup() -> None:
    assumed = changed(load_scenario("owmr"), horizon=30, warmup=5, assumptions=[f"Holding is 20 % a year. {HOSTILE}"])
    page = as_page(orderup.compare(assumed, [("autonomous_silo", "base_stock")], episodes=5), "")
    overview = page.partition('id="overview"')[2].partition('role="tabpanel"')[2].partition('role="tabpanel"')[0]
    assert "Holding is 20 % a year. &lt;/script&gt;" in overview
