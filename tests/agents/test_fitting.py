"""Whoever waits for a fit is told how far it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from scipy import stats

import orderup
from orderup.agents.exact import dual_sourcing_optimum, lost_sales_optimum
from orderup.agents.exact.dynamic_programming import DecisionProcess
from orderup.agents.fitting_progress import FittingLines, Narrowing, going_through, heard_by, left, tell
from orderup.agents.levels.search.search import SearchProblem, descend, try_neighbours
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.evaluation.running.progress import progress_bar


def test_a_fit_tells_what_it_does_and_how_far_it_is() -> None:
    problem = SearchProblem(load_scenario("serial_poisson"), load_autonomy("autonomous_silo"), False, 0)
    told: list[tuple[str, float]] = []
    with heard_by(lambda what, share: told.append((what, share))):
        numbers = descend(problem, problem.start(), 4, 8, 0.02)
        try_neighbours(problem, numbers, integral=True)
    what = dict.fromkeys(name for name, _ in told)
    assert [name.split(", ")[1] for name in what] == ["down the gradient", "level by level", "sites and products together"]
    assert all(name.startswith("levels for serial_poisson at autonomous_silo") for name in what)
    for name in what:
        shares = [share for each, share in told if each == name]
        assert all(earlier <= later for earlier, later in pairwise(shares))
        assert min(shares) >= 0
        assert max(shares) <= 1


def chain() -> Any:
    """Two states to choose between, each dearer than the other in turn."""
    following = np.array([[[0, 1], [1, 0]], [[1, 0], [0, 1]]])
    return DecisionProcess.of(np.array([[1.0, 2.0], [5.0, 4.0]]), following, np.array([0.7, 0.3])).optimum()


@pytest.mark.parametrize(
    ("solve", "what"),
    [
        (lambda: lost_sales_optimum(1, 4, 2, stats.poisson(5)), "the optimum where sales are lost"),
        (lambda: dual_sourcing_optimum(5, 495, 2, 100, 105, stats.randint(0, 5)), "the optimum of two lanes"),
        (chain, "the optimum over 2 states"),
    ],
)
def test_an_exact_optimum_comes_nearer_by_its_own_account(solve: Callable[[], Any], what: str) -> None:
    told: list[tuple[str, float]] = []
    with heard_by(lambda *said: told.append(said)):
        heard = solve()
    shares = [share for _, share in told]
    assert {name for name, _ in told} == {what}
    assert shares[0] == 0
    assert 0.5 < max(shares) < 1
    assert np.mean(np.diff(shares) >= 0) > 0.9
    assert heard.cost == solve().cost


def test_bounds_that_halve_in_every_sweep_are_as_far_as_sweeps_are() -> None:
    told: list[float] = []
    narrowing = Narrowing("x", aim=1.0)
    with heard_by(lambda what, share: told.append(share)):
        for width in (1024.0, 512.0, 256.0, 32.0, 2.0):
            narrowing(width)
    assert told == pytest.approx([0.0, 0.1, 0.2, 0.5, 0.9])


def test_work_that_is_soon_done_is_not_worth_a_word_and_other_work_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, float]] = []
    with heard_by(lambda *said: told.append(said)):
        assert list(going_through([1, 2, 3, 4], "quick")) == [1, 2, 3, 4]
        monkeypatch.setattr("orderup.agents.fitting_progress.NOTICED", -1.0)
        assert list(going_through([1, 2, 3, 4], "slow")) == [1, 2, 3, 4]
        orderup.evaluate("newsvendor", agents="s_s", episodes=2)
    assert told == [("slow", 0.0), ("slow", 0.25), ("slow", 0.5), ("slow", 0.75), ("closed forms for newsvendor", 0.0)]


def test_quantiles_are_told_of_one_by_one() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: orderup[forecast]")
    told: list[tuple[str, float]] = []
    with heard_by(lambda *said: told.append(said)):
        orderup.evaluate("beer_game", agents={"type": "forecast_newsvendor", "method": "gradient_boosting"}, episodes=2)
    what = "quantiles for beer_game at autonomous_silo"
    assert [share for name, share in told if name == what] == [0.0, 0.0, 0.5]


def test_nobody_is_told_who_has_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    orderup.evaluate("newsvendor", agents={"type": "optimised_base_stock", "iterations": 3, "episodes": 7}, episodes=2)
    tell("levels", 0.5)
    assert capsys.readouterr() == ("", "")


def test_lines_come_now_and_then_with_the_time_left_and_not_for_short_fits(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter([0.0, 4.0, 11.0, 15.0, 21.5, 22.0, 40.0])
    lines = FittingLines(every=10, clock=lambda: next(clock))
    for what, share in (("a", 0.0), ("a", 0.1), ("a", 0.25), ("a", 0.4), ("a", 0.5), ("b", 0.0), ("b", 1.0)):
        lines(what, share)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["fitting a: 25 %, about 33 s left", "fitting a: 50 %, about 22 s left"]


def test_many_short_stages_are_not_silent_and_a_short_fit_after_a_pause_is(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    lines = FittingLines(every=10, clock=lambda: now[0])
    for stage in range(30):
        for share in (0.0, 0.25, 0.5, 0.75):
            lines(f"stage {stage}", share)
            now[0] += 2.5
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 29
    assert told[0] == "fitting stage 1: 0 %"
    now[0] += 100
    lines("another", 0.0)
    now[0] += 2.5
    lines("another", 0.5)
    assert capsys.readouterr() == ("", "")


def test_the_time_left_is_told_in_seconds_or_minutes() -> None:
    assert (left(10, 0), left(10, 0.5), left(300, 0.5)) == ("", ", about 10 s left", ", about 5 min left")


def test_a_terminal_shows_a_bar_of_its_own_for_a_fit() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with progress_bar(100, console) as progress:
        assert progress is not None
        tell("levels [b]for[/b] owmr", 0.5)
        progress(10)
        tell("levels [b]for[/b] owmr", 0.75)
    assert isinstance(console.file, io.StringIO)
    assert "levels [b]for[/b] owmr" in console.file.getvalue()
