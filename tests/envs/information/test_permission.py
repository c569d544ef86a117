"""One answer to who may see what, and one way in which a feed is wrong, for rules, learners and the centre alike."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from orderup.envs.autonomy.autonomy import PLANNER, VISIBILITIES
from orderup.envs.catalogue import list_autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.feed import blurred
from orderup.envs.information.fields import FIELDS, may_see
from orderup.envs.information.information import Information
from orderup.envs.information.observation import Observer
from orderup.envs.simulator import Simulator

from ...architecture import modules
from ..levels_of_autonomy import level

DECIDED = {"visibility": re.compile(r"VISIBILITIES\.index"), "error": re.compile(r"1\.0 \+ [\w.]*error")}
WHERE = {"visibility": "envs.autonomy.autonomy", "error": "envs.information.feed"}


@pytest.mark.parametrize("what", sorted(DECIDED))
def test_what_is_seen_and_how_wrong_it_is_are_decided_in_one_place(what: str) -> None:
    found = [name for name, path in modules().items() if DECIDED[what].search(Path(path).read_text(encoding="utf-8"))]
    assert found == [WHERE[what]]


@pytest.mark.parametrize("preset", list_autonomy())
@pytest.mark.parametrize("scenario", ["owmr", "reference"])
def test_a_rule_may_ask_for_exactly_what_a_learner_is_shown(scenario: str, preset: str) -> None:
    simulator = Simulator(scenario, preset, horizon=3)
    simulator.reset(seed=0)
    for party in simulator._parties:
        information = simulator.information_of(party)
        shown = {field.name for field in Observer(simulator.numpy_network, simulator.autonomy, information.seats).fields}
        for name, field in FIELDS.items():
            if field.labels(simulator.numpy_network):
                assert (name in shown) == may_see(name, simulator.autonomy, information.seats) == given(information, name)


def given(information: Information, name: str) -> bool:
    """Whether information gives a field."""
    try:
        information.own(name)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_a_planner_sees_at_least_what_all_sites_together_see(visibility: str) -> None:
    autonomy = level("band", band=1.0, visibility=visibility)
    assert autonomy.visibility_of(("store_1",)) == visibility
    assert autonomy.sees((PLANNER,), "shared")
    assert autonomy.sees((PLANNER,), autonomy.visibility)
    assert autonomy.sees((PLANNER,), "integrated") == (visibility == "integrated")


def test_readings_without_an_error_are_the_readings_themselves() -> None:
    values = np.array([2.0, 3.0])
    assert blurred(values, None) is values
    assert blurred(values, np.array([0.5, -0.5])).tolist() == [3.0, 1.5]


def test_an_observer_of_other_seats_gets_nothing_from_information() -> None:
    simulator = Simulator("owmr", "hybrid_soe")
    whole = Observer(simulator.numpy_network, simulator.autonomy, (PLANNER,))
    with pytest.raises(ValueError, match="other seats"):
        simulator.information_of("sites").compiled(whole, simulator.backend)
