from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from orderup.envs.errors import InputError
from orderup.evaluation import Comparison, compare, contestants, write_report
from orderup.evaluation.report import as_csv, as_json, harmless, rows, summary

from .cases import RANDOM, TWO_SITES, Moody


def judged(episodes: int = 12) -> Comparison:
    levels, agents = ["central_ideal", "autonomous_silo"], ["echelon_base_stock", "base_stock", Moody()]
    return compare(RANDOM, contestants(levels, agents), episodes=episodes)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return judged()


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


def test_the_summary_holds_what_the_results_say(comparison: Comparison, tmp_path: Path) -> None:
    folder = write_report(comparison, folder=tmp_path, command="python evaluate.py scenario=random_line")
    data = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert data["command"] == "python evaluate.py scenario=random_line"
    assert data["traces"] == {"seed": 10_000, "episodes": 12, "split": "test", "horizon": 30, "warmup": 10}
    assert data["reference"] == {"autonomy": "central_ideal", "agent": "echelon_base_stock"}
    assert [entry["agent"] for entry in data["skipped"]] == ["echelon_base_stock"]
    for entry, result in zip(data["results"], comparison.results, strict=True):
        assert entry["kpis"]["cost"]["estimate"] == result.cost
        assert entry["kpis"]["fill_rate"]["low"] == result.intervals["fill_rate"].low
        assert entry["difference"]["cost"]["high"] == comparison.difference(result).high
        assert entry["settings"]["type"].endswith(("base_stock", "cases:Moody"))
        assert [site["site"] for site in entry["sites"]] == list(result.sites.index)
        assert set(entry["kpis"]) == set(data["kpis"])


def test_the_scenario_in_the_summary_can_be_loaded_again(comparison: Comparison) -> None:
    again = compare(summary(comparison)["scenario"], [("autonomous_silo", "base_stock")], episodes=12)
    assert again.traces == comparison.traces


def test_the_same_comparison_gives_the_same_bytes(comparison: Comparison, tmp_path: Path) -> None:
    one = write_report(comparison, "one", "command", tmp_path)
    other = write_report(judged(), "other", "command", tmp_path)
    for name in ("results.csv", "results.json"):
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_what_is_not_a_number_is_left_empty(tmp_path: Path) -> None:
    folder = write_report(compare(TWO_SITES, [("autonomous_silo", "hold")], episodes=1, horizon=1), folder=tmp_path)
    for name in ("results.csv", "results.json"):
        assert "nan" not in (folder / name).read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_begins_a_formula(comparison: Comparison, begins: str) -> None:
    name = f"{begins}cmd|'/c calc'!A0"
    text = as_csv(rows(replace(comparison, results=(replace(comparison.results[0], name=name),))))
    assert set(pd.read_csv(StringIO(text))["agent"].str[0]) == {"'"}
    assert harmless(name).strip("'\t\r\n =+-@") == name.strip("\t\r\n =+-@")


def test_numbers_below_zero_stay_numbers(comparison: Comparison) -> None:
    table = rows(comparison).assign(cost=-1.5)
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
    write_report(judged(3), folder=tmp_path)
    folder = write_report(comparison, folder=tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["results.csv", "results.json"]
    assert len(pd.read_csv(folder / "results.csv")) == 5 * 12


def test_a_folder_that_cannot_be_written_is_said(comparison: Comparison, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(InputError, match="reports"):
        write_report(comparison, folder=tmp_path / "reports")
