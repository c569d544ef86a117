"""Observations by a recorded program are those that are worked out array by array, of a late and noisy feed too."""

from __future__ import annotations

import pickle
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from orderup.envs.api.seats import Seats
from orderup.envs.catalogue import list_autonomy
from orderup.envs.information.recorded_view import RecordedView
from orderup.envs.information.view import ObservationView

from ..recorded_twins import drawn, needs_numba

pytestmark = needs_numba


def compared(seats: Seats, programs: list[Any]) -> None:
    """What each view sees now, both ways, in the simulator's type and in single precision."""
    for view, program in zip(seats.views, programs, strict=True):
        information = seats.simulator.information_of(view.party)
        for kind in (None, np.float32):
            plain = information.observations(replace(view.compiled, recorded=None), kind)
            shown = information.observations(replace(view.compiled, recorded=program), kind)
            assert shown.dtype == plain.dtype
            assert np.array_equal(shown, plain)


@pytest.mark.parametrize("autonomy", list_autonomy())
@pytest.mark.parametrize("scenario", ["owmr", "disruption_storm-small", "local_promotions-small"])
def test_a_program_shows_what_is_seen_at_every_level(scenario: str, autonomy: str) -> None:
    seats, rng = Seats(scenario, autonomy, batch=4, horizon=9), np.random.default_rng(1)
    programs = [RecordedView(view.compiled) for view in seats.views]
    for seed in range(2):
        seats.reset(seed)
        while not seats.simulator.done:
            compared(seats, programs)
            seats.step(drawn(seats, rng))
        compared(seats, programs)
        programs = [deepcopy(programs[0]), *pickle.loads(pickle.dumps(programs[1:]))]
    assert all(known is not None for program in programs for known in program._recordings.values())


def test_a_wide_view_is_recorded_once_that_pays_and_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderup.envs.information.view.PAYS_AFTER", 1500)
    seats, rng = Seats("owmr", "central_stale", batch=300, horizon=9), np.random.default_rng(1)
    seats.reset(0)
    view = ObservationView(seats.simulator.context(party="planner"))
    while not seats.simulator.done:
        information = seats.simulator.information_of("planner")
        plain = information.observations(replace(seats.views[0].compiled, recorded=None))
        assert np.array_equal(view(information), plain)
        seats.step(drawn(seats, rng))
    assert view._compiled is not None
    assert view._compiled.recorded is not None
