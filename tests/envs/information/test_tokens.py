"""Tokens say what fields say, as sets, and no more than a level of autonomy gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.tokens import BUCKETS, Tokens, TokenView, of_seat
from orderup.envs.simulator import Party, Simulator

from ...covering import covered
from ..levels_of_autonomy import level
from ..looking import in_sight, past_of, rewrite, running
from .test_leaks import changes

Floats = NDArray[np.float64]
pytestmark = pytest.mark.usefixtures("recorded_twin")


def views(simulator: Simulator) -> dict[Party, TokenView]:
    """Every party's view, made ready once."""
    parties: tuple[Party, ...] = ("sites", "planner")
    there = [party for party in parties if getattr(simulator.autonomy, f"has_{party}")]
    keys = simulator.numpy_network, simulator.autonomy
    return {party: TokenView(*keys, simulator.seats_of(party), simulator.backend) for party in there}


def seen(simulator: Simulator, ready: dict[Party, TokenView]) -> dict[tuple[str, str], bytes]:
    """All that every seat reads, a planner for each site."""
    found: dict[tuple[str, str], bytes] = {}
    for party, view in ready.items():
        tokens = simulator.information_of(party).tokens(view)
        seats = simulator.numpy_network.sites if party == "planner" else simulator.seats_of(party)
        for seat in seats:
            sets = of_seat(tokens, view, seat)
            found[party, seat] = b"".join(np.ascontiguousarray(values).tobytes() for values in sets.values())
    return found


@covered("preset", ["autonomous_silo", "federated", "autonomous_shared", "central_stale"])
def test_no_set_tells_what_its_level_hides(scenario: str, preset: str) -> None:
    simulator = running(scenario, preset)
    ready, past, latency = views(simulator), past_of(simulator), simulator.autonomy.feed_latency
    before = seen(simulator, ready)
    for age in {0, latency}:
        snapshot = past[-1 - age]
        for what, owners, changed in changes(simulator.numpy_network, snapshot):
            rewrite(simulator, age, changed, past[-1])
            for (party, seat), shown in seen(simulator, ready).items():
                sees = in_sight(simulator, PLANNER if party == "planner" else seat)
                mine = set() if party == "planner" else {simulator.numpy_network.sites.index(seat)}
                visible = (mine if age == 0 else set()) | (sees - mine if age == latency else set())
                if not owners & visible:
                    assert shown == before[party, seat], f"{what}, {age} old, of {owners}, in the set of {seat}"
        rewrite(simulator, age, snapshot, past[-1])


def told(scenario: Any, autonomy: Any = "autonomous_silo", periods: int = 6) -> tuple[Simulator, TokenView, Tokens]:
    simulator = running(scenario, autonomy, periods)
    view = next(iter(views(simulator).values()))
    return simulator, view, simulator.information.tokens(view)


@pytest.mark.parametrize("scenario", ["owmr", "stale_centre", "disruption_storm", "random_network", "network_family-small"])
def test_a_sites_numbers_are_its_fields(scenario: str) -> None:
    simulator, _, tokens = told(scenario)
    information = simulator.information
    assert np.array_equal(np.moveaxis(tokens.site.on_hand, -1, 0), information.own("on_hand"))
    assert np.allclose(np.moveaxis(tokens.site.demand, -1, 0), information.own("demand"))
    coming = information.own("unfilled", summed=True) + information.own("pipeline", summed=True)
    assert np.allclose(np.moveaxis(tokens.site.coming, -1, 0), coming)
    under_way = simulator.numpy_network.topology.inbound.total(tokens.lane.due.sum(axis=0))
    assert np.allclose(np.moveaxis(under_way, -1, 0), information.own("pipeline", summed=True))


def test_what_is_under_way_is_told_by_when_it_is_due() -> None:
    """A store that is five periods from its supplier, and gets 1, 2, 3, … units in turn."""
    keys: dict[str, Any] = {
        "name": "far",
        "horizon": 20,
        "sites": {"store_1": {"holding": 1, "initial": 0}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 5}],
        "customers": [{"site": "store_1", "shortage": 1, "demand": {"type": "constant", "value": 0}}],
    }
    from orderup.envs.information.policy import Decision

    simulator = Simulator(keys)
    simulator.reset(0)
    for period in range(5):
        simulator.advance(Decision(quantity=np.full((1, 1, 1), period + 1.0)))
    tokens = simulator.information.tokens(next(iter(views(simulator).values())))
    # what was ordered in period 0 is due now, that of period 4 in four periods
    assert dict(zip(BUCKETS, tokens.lane.due[:, 0, 0, 0].tolist(), strict=True)) == {0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 6: 0}


def test_a_late_feed_tells_others_numbers_as_they_were() -> None:
    simulator, _, tokens = told("owmr", level(feed_latency=2))
    assert tokens.age == 2
    assert tokens.others is not None
    assert np.array_equal(np.moveaxis(tokens.others.on_hand, -1, 0), simulator.information.everywhere("on_hand"))
    assert not np.array_equal(tokens.others.on_hand, tokens.site.on_hand)


def test_a_view_is_for_the_seats_that_it_was_made_for() -> None:
    simulator, view, tokens = told("owmr")
    other = Simulator("owmr", "central_ideal")
    with pytest.raises(ValueError, match="other seats"):
        other.information.tokens(view)
    with pytest.raises(InputError, match=r"seat: found 'warehouse_9'"):
        of_seat(tokens, view, "warehouse_9")
    sets = of_seat(tokens, view, "warehouse_1")
    assert sets["lanes"].shape[1] == 1
    assert sets["customers"].shape[1] == len(simulator.numpy_network.sites) - 1
    assert "others" not in sets
