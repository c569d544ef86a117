"""What is known of demand ahead, when and by whom: forecasts as a field of the information layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

from ...forecast_files import LEVELS, forecasts, record, scenario, written

AHEAD = 3


def issued() -> pd.DataFrame:
    """Forecasts made one, two and three periods ahead, each of which says when it was made: 1000 · cutoff + level."""
    table = forecasts()
    found = []
    for horizon in (1, 2, 3):
        made = table.assign(cutoff=table["period"] - horizon)
        for level in LEVELS:
            made[f"q{level:g}"] = 1000.0 * made["cutoff"] + 3000.0 + level
        found.append(made)
    return pd.concat(found)


def told(simulator: Simulator, everywhere: bool = False) -> Any:
    """By episode and period ahead (B, A, Q), of the first site and product."""
    information = simulator.information
    values = information.everywhere("forecast") if everywhere else information.own("forecast")
    return values.reshape(values.shape[0], values.shape[1], AHEAD, len(LEVELS), -1)[:, 0, :, :, 0]


def played(folder: Path, autonomy: Any = "autonomous_silo", periods: int = 5, keys: Any = None, **options: Any) -> Simulator:
    given = {"split": "test", **options}
    simulator = Simulator(scenario(folder, lead_time=2, **(keys or {})), autonomy, **given)
    simulator.reset(seed=3)
    for _ in range(periods):
        simulator.step(_nothing(simulator))
    return simulator


def by_cutoff(folder: Path) -> dict[str, Any]:
    """The keys of forecasts that say when they were made."""
    return {"forecasts": {"path": str(folder / "forecasts.csv"), "columns": {"cutoff": "cutoff"}}}


def _nothing(simulator: Simulator) -> Any:
    return Decision(quantity=simulator.backend.zeros(simulator.batch, 1, 1))


def test_a_period_is_seen_as_it_was_forecast_when_it_was_so_far_ahead(tmp_path: Path) -> None:
    written(tmp_path, issued())
    simulator = played(tmp_path, keys=by_cutoff(tmp_path))
    made = (told(simulator)[0, :, 0] - 3000.0 - LEVELS[0]) / 1000.0
    assert made == pytest.approx(np.full(AHEAD, 1500 + simulator.period - 1))


def test_nothing_is_seen_that_was_forecast_later_and_nothing_that_happens(tmp_path: Path) -> None:
    """A forecast made in the period itself, or after it, changes nothing of what is known before; nor does demand to come."""
    table = issued()
    written(tmp_path, table)
    keys = by_cutoff(tmp_path)
    before = told(played(tmp_path, keys=keys))
    later = table["cutoff"] >= 1505
    (tmp_path / "other").mkdir()
    written(tmp_path / "other", table.assign(**{f"q{level:g}": table[f"q{level:g}"].where(~later, 7.0) for level in LEVELS}))
    demand = pd.read_csv(tmp_path / "other" / "demand.csv")
    demand.loc[demand["period"] >= 1505, "demand"] = 1
    demand.to_csv(tmp_path / "other" / "demand.csv", index=False)
    keys = by_cutoff(tmp_path / "other")
    assert (told(played(tmp_path / "other", keys=keys)) == before).all()


def test_forecasts_without_a_cutoff_are_there_from_the_start(tmp_path: Path) -> None:
    written(tmp_path)
    table = forecasts().set_index("period")[[f"q{level:g}" for level in LEVELS]]
    assert (told(played(tmp_path))[0] == table.loc[1505:1507].to_numpy()).all()


def test_episodes_that_are_put_together_anew_have_the_forecasts_of_their_own_periods(tmp_path: Path) -> None:
    path = written(tmp_path)
    table = pd.read_csv(tmp_path / "demand.csv")
    table.assign(demand=table["period"]).to_csv(tmp_path / "demand.csv", index=False)
    forecasts().assign(**{f"q{level:g}": table["period"] + level for level in LEVELS}).to_csv(path, index=False)
    data = scenario(tmp_path)["data"] | {"block": 13}
    simulator = played(tmp_path, keys={"data": data}, batch=4, split="train")
    assert simulator.trace is not None
    demand = np.moveaxis(np.asarray(simulator.trace.demand)[5 : 5 + AHEAD, 0, 0], 1, 0)
    assert told(simulator) == pytest.approx(demand[:, :, None] + np.array(LEVELS))


def test_where_nothing_is_forecast_the_training_window_is_expected(tmp_path: Path) -> None:
    table = forecasts()
    written(tmp_path, table[table["period"] < 1506])
    train = pd.read_csv(tmp_path / "demand.csv")["demand"][:1000]
    usual = np.quantile(train, LEVELS, method="inverted_cdf")
    seen = told(played(tmp_path))[0]
    assert (seen[0] == table.set_index("period").loc[1505, [f"q{level:g}" for level in LEVELS]]).all()
    assert (seen[1:] == usual).all()


def test_after_the_last_period_nothing_is_known(tmp_path: Path) -> None:
    written(tmp_path)
    simulator = played(tmp_path, periods=6, keys={"horizon": 6})
    usual = np.quantile(pd.read_csv(tmp_path / "demand.csv")["demand"][:1000], LEVELS, method="inverted_cdf")
    assert (told(simulator)[0] == usual).all()


def test_a_late_feed_shows_what_was_forecast_then(tmp_path: Path) -> None:
    written(tmp_path, issued())
    keys = by_cutoff(tmp_path)
    late = {"name": "late", "authority": "central", "visibility": "shared", "feed_latency": 2}
    made = (told(played(tmp_path, late, keys=keys), everywhere=True)[0, :, 0] - 3000.0 - LEVELS[0]) / 1000.0
    assert made == pytest.approx(np.full(AHEAD, 1500 + 5 - 2 - 1))


def test_pytorch_shows_the_same(tmp_path: Path) -> None:
    written(tmp_path)
    shown = told(played(tmp_path, batch=3, backend="torch")).numpy()
    assert shown == pytest.approx(told(played(tmp_path, batch=3)))


def test_a_scenario_without_recorded_demand_has_nothing_to_forecast(tmp_path: Path) -> None:
    written(tmp_path)
    keys = scenario(tmp_path)
    customers = [{**keys["customers"][0], "demand": {"type": "poisson", "mean": 5}}]
    with pytest.raises(InputError, match="forecasts"):
        Simulator({**keys, "data": None, "customers": customers}, "autonomous_silo")


def test_a_file_about_other_products_is_refused(tmp_path: Path) -> None:
    written(tmp_path, forecasts(("coffee",)))
    with pytest.raises(InputError, match="coffee of store_1"):
        Simulator(scenario(tmp_path), "autonomous_silo")


def test_a_file_that_names_no_products_is_refused_where_there_are_several(tmp_path: Path) -> None:
    path, both = written(tmp_path), ("tea", "milk")
    record(tmp_path, both)
    keys: dict[str, Any] = {"products": list(both), "forecasts": {"path": str(path), "columns": {"product": None}}}
    with pytest.raises(InputError, match=r"columns.product: found None; accepted: a column: it can be milk, tea"):
        Simulator(scenario(tmp_path, **keys), "autonomous_silo")
