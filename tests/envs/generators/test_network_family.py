"""Networks side by side: each drawn by itself, none trading with another, and all of them possible."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.generators import NetworkFamily
from orderup.envs.scenario.topology import echelons

from ...examples import some


def drawn(**keys: Any) -> dict[str, Any]:
    return NetworkFamily(**keys).build()


def test_a_seed_makes_the_same_networks_and_more_of_them_leave_the_first_as_they_are() -> None:
    few, many = drawn(networks=3, seed=4), drawn(networks=9, seed=4)
    assert few == drawn(networks=3, seed=4)
    assert few["lanes"] == many["lanes"][: len(few["lanes"])]
    assert few["customers"] == many["customers"][: len(few["customers"])]
    assert few["sites"] != drawn(networks=3, seed=5)["sites"]


@settings(max_examples=some(25))
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 4), st.integers(1, 20))
def test_all_that_is_drawn_is_a_scenario_within_its_ranges(seed: int, products: int, depth: int, most: int) -> None:
    keys = {"networks": 3, "seed": seed, "products": products, "depth": depth, "sites": (1, most)}
    scenario = load_scenario({"name": "some", "horizon": 10, "generator": {"type": "network_family", **keys}})
    assert max(echelons(scenario).values()) <= depth - 1
    assert len(scenario.sites) <= 3 * most
    assert {entry.site for entry in scenario.customers} == {name for name in scenario.sites if name.startswith("store")}
    for lane in scenario.lanes:
        assert lane.known_lead_time.longest <= 8 + 1  # a time that is drawn may be one longer


def test_demand_wanders_as_far_as_is_asked() -> None:
    def drifts(**keys: Any) -> list[float]:
        family = drawn(networks=6, demands=["wandering"], seed=2, **keys)
        return [entry["demand"]["drift"] for entry in family["customers"]]

    assert drifts(wanders=2.0) == pytest.approx([2 * drift for drift in drifts()], abs=1e-3)
    assert not any(drifts(wanders=0.0))


def test_nothing_is_in_stock_where_a_family_is_empty() -> None:
    assert all(site["initial"] == 0.0 for site in drawn(empty=True)["sites"].values())


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"sites": (0, 3)}, r"sites: found \[0, 3\]; accepted: the least, at least 1"),
        ({"lead_times": (4, 2)}, r"lead_times: found \[4, 2\]"),
        ({"means": (0.0, 5.0)}, r"means: found \[0.0, 5.0\]; accepted: the least, above 0"),
        ({"critical_ratios": (0.5, 1.0)}, r"critical_ratios: found \[0.5, 1.0\]; accepted: ratios below 1"),
        ({"lost": 1.5}, r"lost"),
    ],
)
def test_ranges_that_are_upside_down_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_scenario({"name": "some", "horizon": 10, "generator": {"type": "network_family", **keys}})
