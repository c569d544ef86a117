"""Authorities as classes: facts that hold together, no comparison of their names anywhere, and one from a user's project."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from orderup.envs.autonomy.authorities import Autonomous
from orderup.envs.autonomy.authority import Authority, authorities, authority_of
from orderup.envs.autonomy.ordering_period import Ordered, OrderingPeriod
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

from ...architecture import modules
from ..levels_of_autonomy import level

COMPARED = re.compile(r"\bauthority\s*(==|!=|(not\s+)?in\b)")


class Halved(Autonomous):
    """A chain whose sites are told to order half of what they lack."""

    def orders(self, period: OrderingPeriod) -> Ordered:
        return period.at_once(0.5 * period.by_sites(period.from_sites))


HALVED = f"{Halved.__module__}:{Halved.__name__}"


def test_nobody_compares_the_names_of_authorities() -> None:
    for name, path in modules().items():
        assert COMPARED.search(path.read_text(encoding="utf-8")) is None, name


@pytest.mark.parametrize("name", list(authorities))
def test_the_facts_of_an_authority_hold_together(name: str) -> None:
    acts: type[Authority] = authorities[name]
    assert acts.has_planner or acts.has_sites
    assert acts.has_planner or not (acts.places_orders or acts.judges_orders or acts.executes_levels)
    assert not (acts.places_orders and acts.judges_orders)
    assert acts.sites_may_differ == (acts.has_planner and acts.has_sites)
    assert acts.decisions_wait != acts.places_orders


def test_only_a_band_without_end_leaves_a_centre_without_the_suppliers_orders() -> None:
    pools = {name: authority_of(name, 1.0, 1.0).pools_orders for name in authorities}
    assert pools == {"approve": True, "autonomous": False, "band": True, "central": True, "target": True}
    assert not authority_of("band", math.inf, None).pools_orders


def test_an_authority_can_come_from_a_project_of_ones_own() -> None:
    ordered = []
    for name in ("autonomous", HALVED):
        simulator = Simulator("newsvendor", level(name), horizon=1)
        simulator.reset(seed=0)
        simulator.advance(Decision(level=np.full(1, 100.0)))
        assert simulator.now.flows is not None
        ordered.append(float(simulator.now.flows.orders[0, 0, 0]))
    assert ordered[0] > 0
    assert ordered[1] == ordered[0] / 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("king", r"^autonomy\.authority: found 'king'; accepted: one of approve, autonomous, band, central, target"),
        ("orderup.envs.simulator:Simulator", r"^autonomy\.authority: found .*; accepted: a subclass of .*Authority"),
    ],
)
def test_an_authority_that_is_none_is_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        level(name)
