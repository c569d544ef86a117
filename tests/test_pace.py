"""What the check of speed calls slow."""

from __future__ import annotations

import json
import time

from benchmarks.pace import RECORDED, measured, pairs, slower


def busy(seconds: float) -> None:
    """Work for so long in processor time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_every_workload_has_a_ratio_that_was_recorded_on_a_commit() -> None:
    kept = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert list(kept["ratios"]) == list(pairs())
    assert kept["measured"]


def test_more_than_one_and_a_half_times_the_recorded_ratio_is_too_slow_and_so_is_what_has_none() -> None:
    recorded = {"loop": 2.0, "mpc": 10.0}
    assert slower({"loop": 3.0, "mpc": 15.0}, recorded) == []
    assert slower({"loop": 3.01, "mpc": 900.0, "new": 0.1, "undone": float("nan")}, recorded) == [
        "loop",
        "mpc",
        "new",
        "undone",
    ]


def test_a_ratio_is_that_of_the_quickest_turns() -> None:
    late = iter([0.03, 0.012, 0.004, 0.012])  # the first does not count
    assert 1.8 < measured(lambda: lambda: busy(next(late)), lambda: busy(0.002), turns=3) < 2.2
