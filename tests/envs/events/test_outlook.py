"""What several events that were announced make of one period together."""

from __future__ import annotations

import numpy as np

from orderup.envs.events.conditions import USUAL, Outlook

CLOSED, OPEN = np.zeros((4, 1, 1, 1)), np.ones((4, 1, 1, 1))


def test_two_events_that_close_a_lane_leave_it_closed_and_no_more() -> None:
    outlook = Outlook(USUAL, 0)
    assert outlook.ahead(((2, CLOSED), (3, CLOSED)), 1, 1.0).item() == 0
    assert outlook.ahead(((2, 0.5 * OPEN), (3, 0.5 * OPEN)), 2, 1.0).item() == 0.25
    assert outlook.ahead(((2, CLOSED), (3, 0.5 * OPEN)), 3, 1.0).item() == 0.5  # of the first nobody knows so far ahead


def test_two_tariffs_add_up() -> None:
    assert Outlook(USUAL, 0).ahead(((2, 0.25 * OPEN), (2, 0.5 * OPEN)), 1).item() == 0.75
