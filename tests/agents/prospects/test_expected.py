"""What is expected of events that come and go, held against what is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from orderup.agents.prospects.expected import EventKind, ExpectedEvent
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build
from orderup.envs.numerics.backend import Backend
from orderup.envs.trace.trace import draw_events

ROWS = np.array([0])


def happening(value: float, begins: float = 0.1, ends: float = 0.3, adds: bool = False) -> ExpectedEvent:
    return ExpectedEvent(ROWS, value, adds, begins, ends)


@pytest.mark.parametrize("on", [False, True])
def test_the_chance_that_an_event_is_in_force_is_that_of_the_events_drawn(on: bool) -> None:
    network = build(load_scenario("disruption_single"))
    events = draw_events(network, Backend("numpy"), 0, np.arange(30_000), 40, "train")
    (degree,) = (np.asarray(values)[:40] > 0 for values in events.degrees.values())
    later = degree[20:26, degree[20] == on].mean(axis=1)
    found = happening(0.0, begins=0.04, ends=0.25).chance(float(on), 6)
    assert later == pytest.approx(found, abs=0.015)


def test_what_is_closed_stays_so_as_long_as_that_is_likelier_than_not() -> None:
    found = EventKind(1.0, False, (), (happening(0.0, begins=0.0, ends=0.2),), np.array([True])).expected(np.zeros(1), None, 6)
    # 0.8 ** 3 is the last above a half
    assert found[:, 0].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]


def test_a_price_goes_back_by_its_chances_and_what_no_event_accounts_for_stays() -> None:
    deal = EventKind(1.0, False, (), (happening(0.8, begins=0.0, ends=0.5),), np.array([True]))
    assert deal.expected(np.array([0.8 * 0.9]), None, 3)[:, 0] == pytest.approx([0.72, 0.81, 0.855])
    assert deal.expected(np.array([1.1]), None, 3)[:, 0] == pytest.approx([1.1, 1.1, 1.1])


def test_what_is_announced_comes_as_it_is_told_and_then_goes_on() -> None:
    told = EventKind(0.0, True, (happening(0.2, begins=0.0, ends=0.5, adds=True),), (), np.array([False]))
    found = told.expected(np.zeros(1), np.array([[0.0], [0.2]]), 5)
    assert found[:, 0] == pytest.approx([0.0, 0.0, 0.2, 0.1, 0.05])
    lasting = EventKind(0.0, True, (), (), np.array([False])).expected(np.zeros(1), np.array([[0.0], [0.2]]), 5)
    assert lasting[:, 0] == pytest.approx([0.0, 0.0, 0.2, 0.2, 0.2])


def test_what_comes_unannounced_is_on_top_of_what_is_announced() -> None:
    both = EventKind(1.0, False, (happening(0.5),), (happening(0.8, begins=0.0, ends=0.5),), np.array([True]))
    found = both.expected(np.array([0.8]), np.array([[1.0], [0.5]]), 3)
    assert found[:, 0] == pytest.approx([0.8, 0.9, 0.5 * 0.95])


def test_what_nobody_shows_is_what_it_is_on_average() -> None:
    hidden = EventKind(1.0, False, (), (happening(0.2, begins=0.1, ends=0.3),), np.array([True]))
    assert hidden.expected(None, None, 2)[:, 0] == pytest.approx([1 - 0.8 * 0.25] * 2)
