"""Where two levels of autonomy mean the same they are the same, to the bit, on networks that nobody thought of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario

from ...examples import some
from ..levels_of_autonomy import begun, level, played, same, scripts
from ..networks import Case, cases

many = settings(max_examples=some(200))
LEVELS = ("level",)
CHOICES = ("several parents", "several lanes", "lateral lanes", "recipes")
AT_ITS_TIME = ("contracts", "pauses", "stores that refuse orders")
"""What an order meets when it is placed, and not when it is thought of: stores refuse orders by the room of that day."""


@many
@given(cases(LEVELS))
def test_a_band_of_no_width_is_the_centres_target_and_so_is_a_centre_with_fresh_books(case: Case) -> None:
    """The latter without order delays: a centre knows of orders of which their source does not know yet, and counts on them."""
    target = played(case, level("target"))
    assert same(played(case, level("band", band=0.0)), target)
    if not any(lane.order_delay for lane in case.scenario.lanes):
        assert same(played(case, level("central")), target)


@many
@given(cases(without=("price breaks",)))  # which a centre gets for all orders together
def test_a_band_without_end_is_autonomy_and_so_is_an_approver_who_minds_nothing_or_signs_at_once(case: Case) -> None:
    alone = played(case, level())
    if case.form == "level":
        assert same(played(case, level("band", band="inf")), alone)
    assert same(played(case, level("approve", approval_latency=2)), alone)
    assert same(played(case, level("approve", approval_threshold=0.0)), alone)


@settings(max_examples=some(25))
@given(cases(LEVELS, without=("contracts",)), st.integers(2, 5))
def test_off_its_cadence_a_centre_is_not_heard(case: Case, cadence: int) -> None:
    simulator = begun(case, level())
    centre, _ = scripts(simulator, case)

    def other(period: int) -> Decision:
        return centre(period) if period % cadence == 0 else Decision(level=1e3 * np.ones(1))

    for keys in (
        {"authority": "target"},
        {"authority": "band", "band": 0.5},
        {"authority": "approve", "approval_threshold": 1.0},
    ):
        autonomy = level(cadence=cadence, approval_latency=1, **keys)
        assert same(played(case, autonomy, centre), played(case, autonomy, other))
    orders = played(case, level("central", cadence=cadence, plan="single"), other)[2::3]
    assert all(not order.any() for period, order in enumerate(orders) if period % cadence)
    dated = level("central", cadence=cadence)
    assert same(played(case, dated, centre), played(case, dated, other))


@settings(max_examples=some(30))
@given(cases(LEVELS), st.integers(1, 4), st.integers(0, 3))
def test_a_target_is_in_force_from_its_period_on_until_the_next_is_approved(case: Case, cadence: int, latency: int) -> None:
    simulator = begun(case, level("target", cadence=cadence, approval_latency=latency))
    centre, _ = scripts(simulator, case)
    for period in range(simulator.horizon):
        simulator.step(centre(period))
        made = [made for made in range(0, period + 1, cadence) if made == 0 or made + latency <= period]
        target, wanted = simulator.centre.target, centre(made[-1]).level
        assert target is not None
        assert target.level is not None
        assert wanted is not None
        assert np.array_equal(np.moveaxis(target.level, -1, 0), wanted)


@settings(max_examples=some(60))
@given(cases(LEVELS, without=(*CHOICES, *AT_ITS_TIME, "lost orders")), st.integers(1, 3))
def test_waiting_for_the_centres_signature_is_an_order_delay_of_every_lane(case: Case, latency: int) -> None:
    """A centre knows of all its orders, so that it is the same to it where they wait."""
    centre, _ = scripts(begun(case, level("central")), case)
    waiting = played(with_delay(case, 0), level("central", approval_latency=latency), centre)
    sent = played(with_delay(case, latency), level("central"), centre)
    for one, other in zip(waiting[1::3], sent[1::3], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def with_delay(case: Case, periods: int) -> Case:
    """The case with orders that take longer on every lane, and with empty lanes and shelves that hold 10 at the start.

    Or nothing, where storage is hard and 10 of everything may not fit.
    """
    keys = case.scenario.model_dump(by_alias=True, exclude_unset=True)
    for lane in keys["lanes"]:
        lane |= {"order_delay": lane.get("order_delay", 0) + periods, "initial": 0}
    for site in keys["sites"].values():
        site["initial"] = 0 if site.get("storage_hard") else 10
    return replace(case, scenario=validated(Scenario, keys))
