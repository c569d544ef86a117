"""How well forecasts told the demand that came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from orderup.envs.catalogue import load_scenario
from orderup.evaluation import compare
from orderup.evaluation.comparison.calibration import calibration
from orderup.evaluation.page.writing import as_page
from orderup.evaluation.tables.markdown import as_markdown

from ...forecast_files import LONG_AGO, means, scenario, written


def normal(folder: Path, shift: float = 0.0) -> None:
    """Demand on record that is normal around its mean, and its true quantiles, moved by so many units."""
    mean, score = means()[:, 0], np.random.default_rng(3).normal(size=LONG_AGO)
    table = pd.DataFrame({"period": np.arange(LONG_AGO), "site": "store_1", "product": "tea"})
    table.assign(demand=mean + 4.0 * score).to_csv(folder / "demand.csv", index=False)
    quantiles = {f"q{level:g}": mean + 4.0 * one + shift for level, one in ((0.1, -1.2816), (0.5, 0.0), (0.9, 1.2816))}
    table.assign(**quantiles).to_csv(folder / "forecasts.csv", index=False)


def test_of_the_true_quantiles_the_share_below_is_the_level(tmp_path: Path) -> None:
    normal(tmp_path)
    found = calibration(load_scenario(scenario(tmp_path)), "test")
    assert [(one.ahead, one.level) for one in found] == [(1, 0.1), (1, 0.5), (1, 0.9)]
    for one in found:
        assert abs(one.at_most - one.level) < 3 * (one.level * (1 - one.level) / 500) ** 0.5
        assert one.below == one.at_most
        assert one.forecasts == 1.0
        assert one.pinball < 0.7 * one.usual


def test_of_quantiles_that_are_moved_it_is_not_and_they_lose_more(tmp_path: Path) -> None:
    for name, shift in (("true", 0.0), ("high", 5.0)):
        (tmp_path / name).mkdir()
        normal(tmp_path / name, shift)
    true, high = (calibration(load_scenario(scenario(tmp_path / name)), "test") for name in ("true", "high"))
    assert high[1].at_most > 0.8
    assert all(one.pinball < other.pinball for one, other in zip(true, high, strict=True))


def test_by_hand(tmp_path: Path) -> None:
    """Demands of 4 and 10 against a median of 4 and 6, of which the second is known one period ahead only."""
    pd.DataFrame({"period": [0, 1, 2, 3], "site": "store_1", "product": "tea", "demand": [5, 5, 4, 10]}).to_csv(
        tmp_path / "demand.csv", index=False
    )
    pd.DataFrame(
        {"period": [2, 3], "site": "store_1", "product": "tea", "q0.5": [4, 6], "q0.9": [9, 9], "made": [0, 2]}
    ).to_csv(tmp_path / "forecasts.csv", index=False)
    keys = scenario(tmp_path, lead_time=1, horizon=2)
    keys["data"]["windows"] = {"train": [0, 0], "validation": [1, 1], "test": [2, 3]}
    keys["forecasts"]["columns"] = {"cutoff": "made"}
    first, _, second, _ = calibration(load_scenario(keys), "test")
    assert (first.below, first.at_most, first.pinball, first.forecasts) == (0.0, 0.5, 0.5 * (0.0 + 0.5 * 4.0), 1.0)
    assert (second.ahead, second.at_most, second.pinball, second.forecasts) == (2, 1.0, 0.0, 0.5)


def test_reports_have_it_where_there_are_forecasts_and_nowhere_else(tmp_path: Path) -> None:
    written(tmp_path)
    asked = scenario(tmp_path, horizon=20)
    with_them, without = (
        compare(keys, [("autonomous_silo", "base_stock")], episodes=2) for keys in (asked, {**asked, "forecasts": None})
    )
    assert "pinball loss" in as_markdown(with_them)
    assert "Forecasts against demand" in as_page(with_them, recorded=False)
    assert "pinball" not in as_markdown(without)
    assert "Forecasts against demand" not in as_page(without, recorded=False)


def test_reports_say_of_what_nothing_is_forecast_and_what_was_put_right(tmp_path: Path) -> None:
    path = written(tmp_path)
    record = pd.read_csv(tmp_path / "demand.csv")
    pd.concat([record, record.assign(product="milk")]).to_csv(tmp_path / "demand.csv", index=False)
    table = pd.read_csv(path)
    table.assign(**{"q0.1": table["q0.95"]}).to_csv(path, index=False)
    asked = scenario(tmp_path, horizon=20, products=["tea", "milk"])
    told = as_markdown(compare(asked, [("autonomous_silo", "base_stock")], episodes=2))
    assert "Assumed: Quantiles of 2000 of 2000 rows of forecasts.csv cross: put in order." in told
    assert "Nothing is forecast of 1 of 2 products at a site, such as milk at" in told
