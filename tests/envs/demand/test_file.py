"""Demand from a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from orderup.envs.demand.file import FileDemand
from orderup.envs.demand.recorded import VARIABLE, read
from orderup.envs.demand.twin import write_twin
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import validated
from orderup.envs.numerics.draws import Draw

SITES, PRODUCTS = ("store_1", "store_2", "store_3"), ("tea", "milk")
COLUMNS = {"period": "week", "promotion": "feature"}
WINDOWS = {"train": [40, 79], "validation": [80, 89], "test": [90, 99]}


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_twin(tmp_path_factory.mktemp("data") / "twin.csv.gz", SITES, PRODUCTS, range(40, 100), seed=1)


@pytest.fixture
def table(twin: Path) -> pd.DataFrame:
    return pd.read_csv(twin)


def process(path: Path, **fields: Any) -> FileDemand:
    return validated(FileDemand, {"path": str(path), "columns": COLUMNS, "windows": WINDOWS, **fields}, "demand")


def draw(
    periods: int = 10,
    episodes: int = 3,
    split: str = "test",
    site: str = "store_2",
    products: tuple[str, ...] = PRODUCTS,
    xp: Any = np,
) -> Draw:
    return Draw(7, site, site, products, periods, xp.arange(episodes), split)


def history(table: pd.DataFrame, site: str, window: str = "test", value: str = "demand") -> Any:
    """The file's own numbers (W, K), picked by pandas."""
    first, last = WINDOWS[window]
    rows = table[(table["site"] == site) & table["week"].between(first, last)]
    return rows.pivot_table(index="week", columns="product", values=value)[list(PRODUCTS)].to_numpy()


def written(table: pd.DataFrame, folder: Path) -> Path:
    path = folder / "changed.csv"
    table.to_csv(path, index=False)
    return path


def test_an_episode_as_long_as_the_window_is_the_history_itself(twin: Path, table: pd.DataFrame) -> None:
    demand = process(twin).at("store_2").sample(draw())
    assert demand.shape == (10, 2, 3)
    assert (demand == history(table, "store_2")[:, :, None]).all()


def test_a_shorter_episode_is_a_stretch_of_it_that_starts_anywhere(twin: Path, table: pd.DataFrame) -> None:
    demand, real = process(twin).sample(draw(periods=7, episodes=200)), history(table, "store_2")
    starts = [int((real[:4, 0] == first).argmax()) for first in demand[0, 0]]
    assert set(starts) == {0, 1, 2, 3}
    for episode, start in enumerate(starts):
        assert (demand[:, :, episode] == real[start : start + 7]).all()


def test_a_bootstrap_joins_blocks_of_consecutive_periods(twin: Path, table: pd.DataFrame) -> None:
    real = history(table, "store_2", "train")
    real_pairs = set(map(tuple, np.concatenate([real, np.roll(real, -1, axis=0)], axis=1).tolist()))
    demand = process(twin, block=4).sample(draw(periods=102, episodes=20, split="train"))
    pairs = np.concatenate([demand[:-1], demand[1:]], axis=1)
    within = [period for period in range(101) if period % 4 != 3]
    assert all(tuple(pair) in real_pairs for pair in pairs[within].transpose(0, 2, 1).reshape(-1, 4).tolist())
    assert not all(tuple(pair) in real_pairs for pair in pairs[3::4].transpose(0, 2, 1).reshape(-1, 4).tolist())


def test_a_bootstrap_takes_every_period_as_often(twin: Path) -> None:
    period = process(twin, block=7).periods_of(draw(periods=70, episodes=400, split="train"), 40)
    counts = np.bincount(period[::7].reshape(-1), minlength=40)
    assert ((counts - 100) ** 2 / 100).sum() < 72.05  # the 99.9 % point of chi-square with 39 degrees of freedom


def test_all_sites_and_products_see_the_same_periods(twin: Path, table: pd.DataFrame) -> None:
    demands = {site: process(twin, block=5).sample(draw(30, 50, "train", site)) for site in SITES}
    joint = np.concatenate([demands[site] for site in SITES], axis=1).transpose(0, 2, 1).reshape(-1, 6)
    real = np.concatenate([history(table, site, "train") for site in SITES], axis=1)
    assert set(map(tuple, joint.tolist())) <= set(map(tuple, real.tolist()))


def test_a_product_and_an_episode_are_drawn_alike_whatever_else_is(twin: Path) -> None:
    bootstrapped = process(twin, block=5)
    together = bootstrapped.sample(draw(30, 50, "train"))
    alone = bootstrapped.sample(draw(12, 4, "train", products=("milk",)))
    assert (alone[:, 0] == together[:12, 1, :4]).all()


def test_the_bootstrap_may_leave_the_test_window_as_it_was(twin: Path, table: pd.DataFrame) -> None:
    only_training = process(twin, block=4, bootstrap=["train"])
    assert (only_training.sample(draw())[:, :, 1] == history(table, "store_2")).all()
    assert only_training.sample(draw(periods=500, split="train")).shape == (500, 2, 3)


def test_numpy_and_pytorch_draw_the_same(twin: Path) -> None:
    for block in (None, 4):
        theirs = process(twin, block=block).sample(draw(8, 30, xp=torch))
        assert theirs.dtype == torch.float64
        assert (theirs.numpy() == process(twin, block=block).sample(draw(8, 30))).all()


def test_moments_come_from_the_sites_training_window_alone(twin: Path, table: pd.DataFrame, tmp_path: Path) -> None:
    later = table.assign(demand=table["demand"].where(table["week"] < 80, 10_000))
    found, real = process(written(later, tmp_path)).at("store_3").moments(PRODUCTS), history(table, "store_3", "train")
    assert found[0] == pytest.approx(real.mean(axis=0))
    assert found[1] == pytest.approx(real.std(axis=0))


def test_several_periods_come_to_what_they_came_to_in_training(twin: Path, table: pd.DataFrame) -> None:
    real = history(table, "store_1", "train")
    total = sum(np.roll(real, -shift, axis=0) for shift in range(3))
    told = process(twin).at("store_1").over(PRODUCTS, 3)
    assert told.mean() == pytest.approx(3 * real.mean(axis=0))
    assert (told.ppf(0.9) == np.quantile(total, 0.9, axis=0, method="inverted_cdf")).all()


def test_promotions_are_those_of_the_very_periods(twin: Path, table: pd.DataFrame) -> None:
    stretch, real = process(twin), history(table, "store_2")
    period = [int((real[:, 0] == demand).argmax()) for demand in stretch.sample(draw(1, 40))[0, 0]]
    promotions = history(table, "store_2", value="feature")[period]
    assert np.array_equal(stretch.recorded(draw(1, 40), "promotion")[0].T, promotions)


def test_the_name_in_the_file_may_differ_from_the_networks(twin: Path, table: pd.DataFrame) -> None:
    demand = process(twin, site="store_3").at("retailer_1").sample(draw(site="retailer_1"))
    assert (demand[:, :, 0] == history(table, "store_3")).all()


def test_parquet_and_the_environment_serve_as_well(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.to_parquet(tmp_path / "twin.parquet")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "twin.parquet"))
    found = validated(FileDemand, {"columns": COLUMNS, "windows": WINDOWS}).at("store_2").sample(draw())
    assert (found[:, :, 0] == history(table, "store_2")).all()


def test_a_file_is_read_once_until_it_changes(table: pd.DataFrame, tmp_path: Path) -> None:
    path = written(table, tmp_path)
    demand = process(path)
    assert read(str(path), demand.columns, "") is read(str(path), process(path).columns, "")
    before = demand.sample(draw())
    written(table.assign(demand=table["demand"] + 1), tmp_path)
    os.utime(path, ns=(1, 1))
    assert (demand.sample(draw()) == before + 1).all()


def test_gaps_are_refused_filled_with_nothing_or_bridged(table: pd.DataFrame, tmp_path: Path) -> None:
    at_site = table["site"] == "store_2"
    tea = (table["product"] == "tea") & at_site
    table.loc[tea, "demand"] = table["week"] * 2
    gappy = written(table[~(tea & table["week"].isin([79, 90, 93, 94, 99]))], tmp_path)
    with pytest.raises(InputError, match="4 of 20 cells of store_2 not recorded, such as tea in 90"):
        process(gappy).sample(draw())
    real = np.arange(90, 100) * 2.0
    bridged = np.where(real == 198, 0, np.maximum(real, 182))  # nothing comes after 98: the product's end is no gap
    expected = {"zero": np.where(np.isin(real, [180, 186, 188, 198]), 0, real), "interpolate": bridged}
    for missing, filled in expected.items():
        assert (process(gappy, missing=missing).sample(draw())[:, 0, 0] == filled).all()


def test_a_product_that_was_never_recorded_cannot_be_bridged(table: pd.DataFrame, tmp_path: Path) -> None:
    path = written(table[~((table["site"] == "store_2") & (table["product"] == "tea") & (table["week"] >= 90))], tmp_path)
    with pytest.raises(InputError, match="10 of 20 cells of store_2 not recorded, such as tea in 90'; accepted: zero, or data"):
        process(path, missing="interpolate").sample(draw())


def test_the_missing_file_is_named_together_with_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(InputError, match=r"demand\.path: found .*nowhere\.csv.*ask the chain"):
        process(tmp_path / "nowhere.csv", source="ask the chain").sample(draw())
    with pytest.raises(InputError, match=rf"found None.*{VARIABLE}.*ask the chain"):
        validated(FileDemand, {"windows": WINDOWS, "source": "ask the chain"}).sample(draw())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            lambda t: t.rename(columns={"demand": "sold"}),
            r"columns: found \['week', 'site', 'product', 'sold'.*that include demand",
        ),
        (lambda t: t.drop(columns=["site", "feature"]), "that include site, feature"),
        (lambda t: t[:0], "a file with rows"),
        (
            lambda t: t.assign(demand=t["demand"].where(t["week"] != 95)),
            "2 of 20 cells of store_2 not recorded, such as tea in 95",
        ),
        (lambda t: t.assign(demand=t["demand"].where(t.index != 6, -3)), "row 7, column demand: found .*-3"),
        (lambda t: t.assign(demand=t["demand"].where(t.index != 6, np.inf)), "row 7, column demand: found .*inf"),
        (lambda t: t.assign(demand=t["demand"].astype(object).where(t.index != 6, "ten")), "row 7, column demand: found 'ten'"),
        (lambda t: t.assign(week=t["week"].where(t.index != 6, 40.5)), "row 7, column week: found .*40.5.*whole number"),
        (lambda t: t.assign(week=t["week"].where(t.index != 6, 10**9)), "periods numbered one by one"),
        (lambda t: t.assign(site=t["site"].where(t.index != 6)), "row 7, column site: found .*a name"),
        (lambda t: pd.concat([t, t[9:10]]), "row 361: found '41, store_2, tea|row 361: found.*row 10 has it"),
    ],
)
def test_data_that_cannot_be_right_is_refused_by_row_and_value(
    table: pd.DataFrame, tmp_path: Path, change: Any, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        process(written(change(table), tmp_path)).sample(draw())


@pytest.mark.parametrize(
    ("name", "content"),
    [("data.csv.gz", b"not gzip"), ("data.parquet", b"no"), ("data.csv", b"\xff\xfe\x00"), ("empty.csv", b"")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"demand\.path: found .*{name}.*that can be read"):
        process(tmp_path / name).sample(draw())


def test_other_formats_are_refused_unopened(tmp_path: Path) -> None:
    (tmp_path / "data.pkl").write_bytes(b"")
    with pytest.raises(InputError, match=r"ends in \.csv, \.csv\.gz or \.parquet"):
        process(tmp_path / "data.pkl").sample(draw())


def test_an_unknown_site_or_product_is_met_with_the_known_ones(twin: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'store_3'"):
        process(twin, site="stores_3").sample(draw())
    with pytest.raises(UnknownName, match="did you mean 'milk'"):
        process(twin).sample(draw(products=("mlik",)))
    with pytest.raises(UnknownName, match="did you mean 'test'"):
        process(twin).sample(draw(split="tests"))


@pytest.mark.parametrize(
    ("windows", "complaint"),
    [
        ({"test": [99, 90]}, r"windows\.test: found \[99, 90\].*the first not after the last"),
        ({"test": []}, r"windows\.test"),
        ({"validation": [79, 89]}, r"windows\.validation: found \[79, 89\].*after the one before it, which ends in 79"),
        ({"train": [80, 89], "validation": [40, 79]}, r"windows\.validation: found \[40, 79\]"),
        ({"test": [90, 100]}, r"windows: found \[90, 100\].*periods of twin\.csv\.gz, 40 to 99"),
    ],
)
def test_windows_follow_one_another_within_the_data(twin: Path, windows: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        process(twin, windows={**WINDOWS, **windows}).sample(draw())


def test_history_in_order_is_no_longer_than_its_window(twin: Path) -> None:
    with pytest.raises(InputError, match="horizon: found 11; accepted: at most the 10 periods of the test window, or `block`"):
        process(twin).sample(draw(periods=11))


def test_the_twin_is_the_same_for_the_same_seed_and_lacks_what_it_is_told_to(tmp_path: Path) -> None:
    first, second, third = (
        pd.read_csv(write_twin(tmp_path / f"{number}.csv", SITES, PRODUCTS, 400, seed, missing=0.04))
        for number, seed in enumerate([3, 3, 4])
    )
    assert first.equals(second)
    assert not first.equals(third)
    gaps = 1200 - len(first) / 2
    assert abs(gaps - 48) < 3.29 * np.sqrt(48)
    assert first["demand"].min() >= 0
    sold = first.groupby("feature")["demand"].mean()
    assert sold[1] > 2 * sold[0]


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} does not name the file of the orange juice sales")
def test_the_real_sales_are_served() -> None:
    windows = {"train": [40, 120], "validation": [121, 140], "test": [141, 160]}
    real = validated(FileDemand, {"columns": COLUMNS, "windows": windows, "missing": "interpolate", "block": 8})
    table = read(None, real.columns, "")
    assert (len(table.sites), len(table.products), table.first, table.last) == (83, 11, 40, 160)
    assert 1 - len(table.period) / (83 * 11 * 121) == pytest.approx(0.039, abs=0.001)
    site = real.at(table.sites[0])
    demand = site.sample(draw(104, 200, "train", table.sites[0], table.products))
    mean, sd = site.moments(table.products)
    assert (abs(demand.mean(axis=(0, 2)) - mean) < 3.29 * sd * np.sqrt(8 / (104 * 200))).all()
