from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.evaluation import Comparison, compare, contestants, write_report
from orderup.evaluation.report.report import WRITTEN
from orderup.evaluation.tables.csv_text import as_csv, harmless
from orderup.evaluation.tables.markdown import as_markdown
from orderup.evaluation.tables.summary import as_json, summary

from ..cases import RANDOM, TWO_SITES, Moody, costing


def evaluated(episodes: int = 12) -> Comparison:
    levels, agents = ["central_ideal", "autonomous_silo"], ["echelon_base_stock", "base_stock", Moody()]
    return compare(RANDOM, contestants(levels, agents), episodes=episodes)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return evaluated()


def test_every_episode_of_everybody_is_a_row(comparison: Comparison, tmp_path: Path) -> None:
    folder = write_report(comparison, folder=tmp_path)
    table = pd.read_csv(folder / "results.csv")
    assert len(table) == 5 * 12
    assert list(table)[:7] == ["scenario", "autonomy", "agent", "seed", "split", "episode", "cost"]
    first = comparison.results[0]
    mine = table[(table.autonomy == first.autonomy.name) & (table.agent == first.name)]
    assert mine["episode"].to_list() == list(range(12))
    for name in first.definitions:
        assert mine[name].to_numpy() == pytest.approx(first.episodes[name].to_numpy(), rel=1e-14, abs=0, nan_ok=True)


def test_the_summary_holds_what_the_methods_say(comparison: Comparison, tmp_path: Path) -> None:
    folder = write_report(comparison, folder=tmp_path, command="python evaluate.py scenario=random_line")
    data = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert data["command"] == "python evaluate.py scenario=random_line"
    assert data["headline"] == comparison.headline
    assert data["traces"] == {"seed": 10_000, "episodes": 12, "split": "test", "horizon": 30, "warmup": 10}
    assert data["reference"] == {"autonomy": "central_ideal", "method": "echelon_base_stock"}
    assert [entry["agent"] for entry in data["skipped"]] == ["echelon_base_stock"]
    for entry, method in zip(data["methods"], comparison.methods, strict=True):
        assert entry["kpis"]["cost"]["estimate"] == method.cost
        assert entry["kpis"]["fill_rate"]["low"] == method.intervals["fill_rate"].low
        assert entry["difference"]["cost"]["high"] == comparison.difference(method).high
        (run,) = entry["runs"]
        assert run["settings"]["type"].endswith(("base_stock", "cases:Moody"))
        assert [site["site"] for site in run["sites"]] == list(method.seeds[0].sites.index)
        assert set(entry["kpis"]) == set(data["kpis"])
    assert len(data["prices"]) == len(comparison.prices)


def test_the_scenario_in_the_summary_can_be_loaded_again(comparison: Comparison) -> None:
    again = compare(summary(comparison)["scenario"], [("autonomous_silo", "base_stock")], episodes=12)
    assert again.traces == comparison.traces


def test_the_same_comparison_gives_the_same_bytes(comparison: Comparison, tmp_path: Path) -> None:
    one = write_report(comparison, "one", "command", tmp_path)
    other = write_report(evaluated(), "other", "command", tmp_path)
    for name in WRITTEN:
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_what_is_not_a_number_is_left_empty(tmp_path: Path) -> None:
    folder = write_report(compare(TWO_SITES, [("autonomous_silo", "hold")], episodes=1, horizon=1), folder=tmp_path)
    for name in ("results.csv", "results.json", "summary.json", "summary.md"):
        assert "nan" not in (folder / name).read_text(encoding="utf-8").lower()


def test_the_parquet_file_holds_the_same_episodes(comparison: Comparison, tmp_path: Path) -> None:
    folder = write_report(comparison, folder=tmp_path)
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "results.parquet"), comparison.episodes)


def test_without_pyarrow_there_is_no_parquet_and_none_left_from_before(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(comparison, folder=tmp_path)
    monkeypatch.setattr("orderup.evaluation.report.report.has_parquet", lambda: False)
    folder = write_report(comparison, folder=tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(set(WRITTEN) - {"results.parquet"})


def test_raw_data_are_in_marl_evals_schema(tmp_path: Path) -> None:
    costs = [10.0, 12.0, 14.0]
    runs = [costing(costs, name=f"ppo-{seed}", seed=seed, steps=500) for seed in (3, 4)]
    folder = write_report(Comparison((costing(costs, "central_ideal"), *runs)), folder=tmp_path)
    data = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    algorithms = data["orderup"]["random_line"]
    assert list(algorithms) == ["central_ideal / rule", "autonomous_silo / ppo"]
    assert list(algorithms["autonomous_silo / ppo"]) == ["3", "4"]
    step = algorithms["autonomous_silo / ppo"]["4"]["step_1"]
    assert (step["step_count"], step["cost"], step["return"]) == (500, costs, [-cost for cost in costs])
    assert algorithms["autonomous_silo / ppo"]["4"]["absolute_metrics"]["cost"] == [12.0]
    metrics = {tuple(run["step_1"]) for seeds in algorithms.values() for run in seeds.values()}
    assert len(metrics) == 1  # of everybody the same
    assert "plan_nervousness" not in metrics.pop()  # which nobody has where sites decide
    assert "null" not in (folder / "results.json").read_text(encoding="utf-8")


def test_the_markdown_holds_the_table_the_prices_and_the_flags(tmp_path: Path) -> None:
    runs = [costing([10.0, 12.0, 15.0], name="ppo-0", seed=0), costing([9.0, 11.0, 15.0], "central_ideal")]
    text = as_markdown(Comparison(tuple(runs)), "python evaluate.py")
    assert "| autonomous\\_silo | ppo-0 | 12.33 ±" in text
    assert "| price of autonomy | autonomous\\_silo / ppo-0 | central\\_ideal / rule | 5.71 % |" in text
    assert "not enough seeds to evaluate the method" in text
    assert text.endswith("    python evaluate.py\n")


def test_the_markdown_says_what_outages_do_where_there_are_some(comparison: Comparison) -> None:
    found = compare("disruption_single", [("autonomous_silo", "base_stock"), ("central_stale", "base_stock")], episodes=6)
    text = as_markdown(found)
    assert "| autonomy | agent | outages | outage | detect | survive | recover |" in text
    assert "| central\\_stale | base\\_stock | 6 |" in text
    assert "finds the network at rest" not in as_markdown(comparison)


def test_no_text_is_markup_in_the_markdown(comparison: Comparison) -> None:
    name = "<script>alert(1)</script>|[x](javascript:0)\n# y"
    (row,) = (replace(comparison, results=(replace(comparison.results[0], name=name),))).methods
    text = as_markdown(Comparison(row.seeds), "python evaluate.py\n\n# not a heading")
    assert "<script>" not in text
    assert "\\[x\\](javascript" in text
    assert not any(line.startswith("# ") and "random" not in line for line in text.splitlines())
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {10}


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_begins_a_formula(comparison: Comparison, begins: str) -> None:
    name = f"{begins}cmd|'/c calc'!A0"
    text = as_csv(replace(comparison, results=(replace(comparison.results[0], name=name),)).episodes)
    assert set(pd.read_csv(StringIO(text))["agent"].str[0]) == {"'"}
    assert harmless(name).strip("'\t\r\n =+-@") == name.strip("\t\r\n =+-@")


def test_numbers_below_zero_stay_numbers(comparison: Comparison) -> None:
    table = comparison.episodes.assign(cost=-1.5)
    assert pd.read_csv(StringIO(as_csv(table)))["cost"].eq(-1.5).all()


def test_plain_data_is_written_as_json_that_everybody_reads() -> None:
    text = as_json({"a": [float("nan"), float("inf"), 1.5, "ℓ"], "b": None})
    assert json.loads(text) == {"a": [None, None, 1.5, "ℓ"], "b": None}


def test_the_report_is_called_after_the_scenario_unless_named(comparison: Comparison, tmp_path: Path) -> None:
    assert write_report(comparison, folder=tmp_path) == tmp_path / "random_line"
    assert write_report(comparison, "mine-2.b", folder=tmp_path) == tmp_path / "mine-2.b"


@pytest.mark.parametrize("name", ["../up", "a/b", "a\\b", "/tmp/x", "..", ".hidden", "-m", "", "a" * 101, "a\nb", "C:x"])
def test_a_name_that_is_not_a_plain_folder_is_refused(comparison: Comparison, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="name: found"):
        write_report(comparison, name, folder=tmp_path / "reports")
    assert not list(tmp_path.iterdir())


def test_a_report_is_replaced_and_nothing_else_is_left(comparison: Comparison, tmp_path: Path) -> None:
    write_report(evaluated(3), folder=tmp_path)
    folder = write_report(comparison, folder=tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(WRITTEN)
    assert len(pd.read_csv(folder / "results.csv")) == 5 * 12


def test_a_folder_that_cannot_be_written_is_said(comparison: Comparison, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(InputError, match="reports"):
        write_report(comparison, folder=tmp_path / "reports")
