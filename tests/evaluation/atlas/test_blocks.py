"""Blocks are played side by side as each network would be alone, and once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.evaluation.atlas.answers import BEATEN, MORE, NOISE, SERVED, answers
from orderup.evaluation.atlas.block_job import BlockJob, played
from orderup.evaluation.atlas.factors import organised
from orderup.evaluation.running.runner import evaluate

from .test_design import atlas


def job(home: Path, block: int = 0) -> BlockJob:
    asked = atlas()
    points = asked.points()
    return BlockJob(asked, points[points["block"] == block], home)


def test_a_network_costs_beside_others_what_it_costs_alone(tmp_path: Path) -> None:
    asked, points = atlas(), job(tmp_path).points
    row = {str(name): float(value) for name, value in points.iloc[0].items()}
    level = organised("central_stale", row)
    together = played(asked.scenario(points), level, "base_stock", 4, 10_000)
    alone = played(asked.scenario(points.iloc[:1]), level, "base_stock", 4, 10_000)
    assert together[:, 0] == pytest.approx(alone[:, 0], rel=1e-5)


def test_what_is_played_costs_what_evaluating_says() -> None:
    scenario = load_scenario("owmr-small")
    found = played(scenario, load_autonomy("central_stale"), "base_stock", 8, 10_000)
    result = evaluate(scenario, "central_stale", "base_stock", episodes=8, seed=10_000)
    assert found[0].sum(axis=0).mean() == pytest.approx(result.cost, rel=1e-5)


def test_a_block_is_played_once_and_the_same_wherever(tmp_path: Path) -> None:
    first, again = job(tmp_path / "one"), job(tmp_path / "two")
    first.run()
    stamp = first.path.stat().st_mtime_ns
    first.run()
    again.run()
    assert first.path.stat().st_mtime_ns == stamp
    assert np.array_equal(first.found, again.found)
    assert first.finished
    assert first.seconds is not None


def test_a_file_that_is_not_what_was_written_is_played_again(tmp_path: Path) -> None:
    done = job(tmp_path)
    done.run()
    whole, found = done.path.read_bytes(), done.found
    done.path.write_bytes(whole[:-4] + b"\x00\x00\x80\x3f")
    assert not done.finished
    done.run()
    assert np.array_equal(done.found, found)


def test_another_question_is_another_block(tmp_path: Path) -> None:
    points = job(tmp_path).points
    assert BlockJob(atlas(traces=7), points, tmp_path).key != BlockJob(atlas(), points, tmp_path).key


def test_answers_hold_the_first_level_against_the_others(tmp_path: Path) -> None:
    done = job(tmp_path)
    done.run()
    table, cost = answers([done, job(tmp_path, 1)]), done.found[0].astype(float).mean(axis=-1)
    assert len(table) == 10  # the other block has not been played
    assert table[f"{MORE}autonomous_silo"].to_numpy() == pytest.approx(np.log(cost[:, 2] / cost[:, 0]))
    assert (table[f"{NOISE}autonomous_silo"] >= 0).all()
    cheapest = np.array(done.atlas.levels)[cost.argmin(axis=1)]
    assert not any(table[f"{BEATEN}{level}"].iloc[row] for row, level in enumerate(cheapest))
    assert table[f"{SERVED}central_ideal"].between(-1, 1).all()
