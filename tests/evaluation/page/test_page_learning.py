"""The figure of how runs have learnt, beside what others cost at their level."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orderup.agents.runs.run import Trained
from orderup.envs.foundation.errors import InputError
from orderup.evaluation import Comparison, Result
from orderup.evaluation.page.learning import learning
from orderup.evaluation.page.writing import as_page

from ..cases import costing

TABLE = """periods,cost,cost_of_base_stock,bound
0,12.5,12,9
50,,12,9
100,10,12,9
"""
RULES = (costing([20.0, 22.0], name="base_stock"), costing([10.0, 11.0], name="optimised_base_stock"))


def run(folder: Path, seed: int, table: str = TABLE) -> Result:
    """A learner's run whose table of metrics is this one."""
    home = folder / f"ppo-{seed}"
    home.mkdir()
    rows = table.count("\n") - 1
    (home / "metrics.csv").write_text(table, encoding="utf-8")
    told = hashlib.sha256(table.encode() if rows > 0 else b"").hexdigest()
    (home / "metrics.csv.sha256").write_text(f"{told} {max(rows, 0)}\n", encoding="utf-8")
    return replace(costing([9.0, 10.0], name=home.name, seed=seed), agent=Trained(run=str(home)))


def drawn(*results: Result) -> dict[str, Any]:
    found = learning(Comparison(results).methods)
    assert found is not None
    return found.plain


def test_seeds_are_curves_of_one_colour_and_one_name(tmp_path: Path) -> None:
    curves = [line for line in drawn(run(tmp_path, 0), run(tmp_path, 1))["data"] if line["mode"] == "lines+markers"]
    assert [(line["x"], line["y"]) for line in curves] == [([0, 100], [12.5, 10])] * 2
    assert [line["showlegend"] for line in curves] == [True, False]
    assert len({line["line"]["color"] for line in curves}) == 1


def test_others_are_lines_and_optimised_levels_as_far_from_closed_form_ones_as_was_evaluated(tmp_path: Path) -> None:
    found = drawn(*RULES, run(tmp_path, 0), run(tmp_path, 1))
    lines = {line["line"]["dash"]: line["y"][0] for line in found["data"] if line["mode"] == "lines" and line["y"][0]}
    assert lines == {"dash": 12.0, "dashdot": 12 * 10.5 / 21, "dot": 9.0}
    legend = [line["name"] for line in found["data"] if line["mode"] == "lines" and line["showlegend"]]
    assert legend == [
        "closed-form base stock at the same autonomy level",
        "optimised base stock at the same autonomy level",
        "the exact optimum of an ideal centre",
    ]
    assert found["columns"] == ["run", "periods", "cost", "base_stock", "optimised_base_stock", "bound"]
    assert found["rows"][0][1:] == [0.0, 12.5, 12.0, 6.0, 9.0]


def test_a_line_that_nobody_knows_is_not_drawn(tmp_path: Path) -> None:
    found = drawn(run(tmp_path, 0, "periods,cost\n0,3\n100,2\n"))
    assert [line["mode"] for line in found["data"]] == ["lines+markers"]


def test_the_spread_of_orders_has_a_table_where_there_are_several_seeds(tmp_path: Path) -> None:
    several, alone = (run(tmp_path, 0), run(tmp_path, 1)), RULES
    title = "How far the orders of training seeds are apart"
    assert title in as_page(Comparison(several), recorded=False)
    assert title not in as_page(Comparison(alone), recorded=False)


def test_without_a_run_there_is_no_figure(tmp_path: Path) -> None:
    assert learning(Comparison(RULES).methods) is None
    assert learning(Comparison((run(tmp_path, 0, "not a table"),)).methods) is None


def test_a_table_that_is_not_what_was_written_is_not_drawn(tmp_path: Path) -> None:
    evaluated = run(tmp_path, 0)
    (tmp_path / "ppo-0" / "metrics.csv").write_text(TABLE.replace("12.5", "11.5"), encoding="utf-8")
    with pytest.raises(InputError, match="metrics.csv: found 'other contents than were written'"):
        drawn(evaluated)
