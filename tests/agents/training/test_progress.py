"""What one sees while a policy is trained."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from orderup.agents import fitting_progress as fitting
from orderup.agents.learning.stopwatch import Phase, Stopwatch
from orderup.agents.training.progress import Bar, LearningProgress, ProgressLines, display

SHARES: dict[Phase, float] = {"simulate": 0.5, "forward": 0.3, "learn": 0.2}


def seen(stream: io.StringIO) -> str:
    return " ".join(stream.getvalue().split())


def test_a_standing_tells_the_distance_to_what_is_known() -> None:
    assert str(LearningProgress(110.0, 100.0, 80.0)) == "cost 110.00 a period, base_stock 100.00 (+10.0%), bound 80.00 (+37.5%)"
    assert str(LearningProgress(1_234.5, None, None)) == "cost 1,234.50 a period"
    assert str(LearningProgress(-90.0, -100.0, None)) == "cost -90.00 a period, base_stock -100.00 (+10.0%)"
    assert str(LearningProgress(2.0, 0.0, None)) == "cost 2.00 a period, base_stock 0.00 (+2.00)"


def test_lines_tell_everything_when_the_cost_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    shown = display("owmr / silo", 1000, wanted=True)
    assert isinstance(shown, ProgressLines)
    shown.start(0)
    shown.cost(LearningProgress(120.0, None, None))
    assert capsys.readouterr().err == "owmr / silo: 0 of 1,000 periods, cost 120.00 a period\n"
    shown.advance(100, SHARES)
    assert capsys.readouterr().err == ""
    time.sleep(0.01)
    shown.advance(400, SHARES)
    shown.cost(LearningProgress(110.0, 100.0, None))
    said = capsys.readouterr().err
    assert said.startswith("owmr / silo: 400 of 1,000 periods, ")
    assert "periods/s (simulate 50% forward 30% learn 20%), 0 s left, cost 110.00 a period" in said
    shown.advance(500, SHARES)
    assert capsys.readouterr().err == ""


def test_a_resumed_training_is_as_fast_as_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    shown = ProgressLines("x", 10**9)
    shown.start(10**8)
    assert capsys.readouterr().err == "x: 100,000,000 of 1,000,000,000 periods, gone on from here\n"
    time.sleep(0.02)
    shown.advance(10**8 + 1, SHARES)
    shown.cost(LearningProgress(1.0, None, None))
    rate = float(capsys.readouterr().err.rsplit("periods, ", 1)[1].split(" periods/s")[0].replace(",", ""))
    assert rate < 1000


@pytest.mark.parametrize("width", [60, 140])
def test_a_bar_fits_its_terminal_and_shows_speed_time_left_and_cost(width: int) -> None:
    stream = io.StringIO()
    shown = Bar("owmr / silo / ppo", 1000, Console(file=stream, force_terminal=True, width=width, color_system=None))
    shown.start(0)
    shown.cost(LearningProgress(110.0, 100.0, 80.0))
    time.sleep(0.01)
    shown.advance(500, SHARES)
    shown.close()
    said = seen(stream)
    for part in ("50", "periods/s", "simulate", "left", "110.00", "base_stock", "bound"):
        assert part in said
    assert max(len(line) for line in stream.getvalue().replace("\r", "\n").split("\n")) <= width + 20


def test_nothing_is_shown_where_nothing_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    shown = display("x", 10, wanted=False)
    shown.start(0)
    shown.cost(LearningProgress(1.0, None, None))
    shown.advance(10, {})
    shown.close()
    assert capsys.readouterr().err == ""


def test_a_phase_within_another_is_counted_once() -> None:
    clock = Stopwatch()
    assert clock.shares == {}
    slept = {"learn": 0.0, "simulate": 0.0}

    def sleep(phase: str, seconds: float) -> None:
        begun = time.perf_counter()
        time.sleep(seconds)
        slept[phase] += time.perf_counter() - begun  # on a busy machine longer than asked

    with clock.phase("learn"):
        sleep("learn", 0.01)
        with clock.phase("simulate"):
            sleep("simulate", 0.02)
        sleep("learn", 0.01)
    assert clock.seconds["simulate"] == pytest.approx(slept["simulate"], abs=0.005)
    assert clock.seconds["learn"] == pytest.approx(slept["learn"], abs=0.005)
    assert sum(clock.shares.values()) == pytest.approx(1.0)
    assert clock.seconds["forward"] == 0.0


def test_a_phase_that_fails_is_counted_and_left() -> None:
    clock = Stopwatch()
    with pytest.raises(ZeroDivisionError), clock.phase("forward"):
        _ = 1 / 0
    with clock.phase("forward"):
        pass
    assert clock._running == []


def test_a_phase_costs_less_than_five_microseconds() -> None:
    clock = Stopwatch()
    fastest = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(1000):
            with clock.phase("simulate"):
                pass
        fastest = min(fastest, time.perf_counter() - start)
    assert fastest / 1000 < 5e-6


def test_a_line_on_a_fit_comes_out_above_a_bar_and_not_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    file = io.StringIO()
    bar = Bar("training", 100, Console(file=file, force_terminal=True, width=80))
    bar.start(0)
    fitting.FittingLines(every=0)("levels", 0.5)
    bar.close()
    above, below = file.getvalue().split("fitting levels: 50 %, about 0 s left\n")
    assert "training" not in above
    assert "training" in below
    assert capsys.readouterr().err == ""
