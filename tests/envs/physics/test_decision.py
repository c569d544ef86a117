"""One form of a decision: two become one lane by lane, the same outside the core as inside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.backend import Backend
from orderup.envs.physics.decision import Decision, Intake, merged
from orderup.envs.simulator import Simulator

BATCH, LANES, PRODUCTS, SITES = 3, 4, 2, 2
FORMS = ("level", "quantity", "both", "responding", "relative")


def intake(backend: str = "numpy") -> Intake:
    return Intake(Backend(backend), (BATCH, LANES, PRODUCTS), SITES, np.dtype("float64"))


def made(form: str, rng: np.random.Generator) -> Decision:
    """A decision of a form, some of its flags by lane and some by episode and lane."""

    def amounts() -> Any:
        return rng.uniform(0, 9, (BATCH, LANES, PRODUCTS))

    flags = rng.random((LANES,) if rng.random() < 0.5 else (BATCH, LANES)) < 0.5
    if form == "both":
        return Decision(amounts(), amounts(), flags)
    if form == "responding":
        return Decision(amounts(), response=amounts())
    if form == "relative":
        return Decision(amounts(), relative=flags)
    return Decision(quantity=amounts()) if form == "quantity" else Decision(amounts())


def parts(decision: Decision) -> list[Any]:
    """Its five parts, each for every lane, product and episode."""
    shape = (LANES, PRODUCTS, BATCH)
    given = (decision.level, decision.quantity, decision.by_quantity, decision.relative, decision.response)
    return [None if part is None else np.broadcast_to(np.asarray(part), shape) for part in given]


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@given(ours=st.sampled_from(FORMS), theirs=st.sampled_from(FORMS), seed=st.integers(0, 99), by_episode=st.booleans())
def test_two_decisions_become_one_alike_before_they_come_in_and_after(
    backend: str, ours: str, theirs: str, seed: int, by_episode: bool
) -> None:
    rng, into = np.random.default_rng(seed), intake(backend)
    one, other = made(ours, rng), made(theirs, rng)
    chosen = rng.random((BATCH, LANES) if by_episode else (LANES,)) < 0.5
    inside = into.backend.asarray((np.atleast_2d(chosen).T)[:, None])
    before = parts(into.taken(merged(chosen, one, other)))
    after = parts(merged(inside, into.taken(one), into.taken(other)))
    for early, late in zip(before, after, strict=True):
        assert (early is None) == (late is None)
        if early is not None:
            np.testing.assert_array_equal(early, late)


def test_who_is_chosen_decides_by_level_or_quantity_as_he_said() -> None:
    chosen = np.array([True, False, True, False])
    both = merged(chosen, Decision(np.full((1, LANES, 1), 7.0)), Decision(quantity=np.full((1, LANES, 1), 2.0)))
    assert both.by_quantity.tolist() == [False, True, False, True]
    found = np.where(both.by_quantity, both.quantity[0, :, 0], both.level[0, :, 0])
    assert found.tolist() == [7.0, 2.0, 7.0, 2.0]


@pytest.mark.parametrize(
    ("decision", "key"),
    [
        (Decision(np.zeros(5)), "level"),
        (Decision(quantity=np.zeros((2, 1, 1))), "quantity"),
        (Decision(np.zeros(1), response=np.zeros(3)), "response"),
        (Decision(np.zeros(1), np.zeros(1), np.zeros(3)), "by_quantity"),
        (Decision(np.zeros(1), relative=np.zeros(3)), "relative"),
    ],
)
def test_an_array_that_does_not_fit_is_refused_by_its_name(decision: Decision, key: str) -> None:
    with pytest.raises(InputError, match=rf"^decision\.{key}: found \("):
        intake().taken(decision)


def test_what_broadcasts_means_the_same_as_what_is_written_out() -> None:
    orders = []
    for level in (np.full(1, 300.0), np.full((2, 6, 1), 300.0), [[300.0]], np.full((2, 1, 1), 300, dtype=np.int64)):
        simulator = Simulator("owmr", batch=2, horizon=1)
        simulator.reset(seed=0)
        simulator.advance(Decision(level))
        assert simulator.now.flows is not None
        orders.append(simulator.now.flows.orders)
    for found in orders[1:]:
        np.testing.assert_array_equal(found, orders[0])
