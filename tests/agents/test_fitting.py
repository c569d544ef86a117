"""Whoever waits for a fit is told how far it is."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from rich.console import Console

import orderup
from orderup.agents.fitting import Lines, heard_by, left, tell
from orderup.agents.level_search import Problem, descend, try_neighbours
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.evaluation.progress import progress_bar


def test_a_fit_tells_what_it_does_and_how_far_it_is() -> None:
    problem = Problem(load_scenario("serial_poisson"), load_autonomy("autonomous_silo"), False, 0)
    told: list[tuple[str, float]] = []
    with heard_by(lambda what, share: told.append((what, share))):
        numbers = descend(problem, problem.start(), 4, 8, 0.02)
        try_neighbours(problem, numbers, whole=True)
    what = dict.fromkeys(name for name, _ in told)
    assert [name.split(", ")[1] for name in what] == ["down the gradient", "level by level", "sites and products together"]
    assert all(name.startswith("levels for serial_poisson at autonomous_silo") for name in what)
    for name in what:
        shares = [share for each, share in told if each == name]
        assert all(earlier <= later for earlier, later in pairwise(shares))
        assert min(shares) >= 0
        assert max(shares) <= 1


def test_nobody_is_told_who_has_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    orderup.evaluate("newsvendor", agents={"type": "optimised_base_stock", "iterations": 3, "episodes": 7}, episodes=2)
    tell("levels", 0.5)
    assert capsys.readouterr() == ("", "")


def test_lines_come_now_and_then_with_the_time_left_and_not_for_short_fits(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter([0.0, 4.0, 11.0, 15.0, 21.5, 22.0, 40.0])
    lines = Lines(every=10, clock=lambda: next(clock))
    for what, share in (("a", 0.0), ("a", 0.1), ("a", 0.25), ("a", 0.4), ("a", 0.5), ("b", 0.0), ("b", 1.0)):
        lines(what, share)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["fitting a: 25 %, about 33 s left", "fitting a: 50 %, about 22 s left"]


def test_many_short_stages_are_not_silent_and_a_short_fit_after_a_pause_is(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    lines = Lines(every=10, clock=lambda: now[0])
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
