"""Units that peers send each other and back, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from orderup.evaluation import evaluate
from orderup.evaluation.measures.cross_flow import WINDOW

from ..cases import RANDOM, Scripted

PEERS: dict[str, Any] = {
    "name": "peers",
    "horizon": 10,
    "sites": {"store_1": {"initial": 100, "holding": 1}, "store_2": {"initial": 100, "holding": 1}},
    "lanes": [
        {"from": "supplier", "to": "store_1", "lead_time": 1},
        {"from": "supplier", "to": "store_2", "lead_time": 1},
        {"from": "store_1", "to": "store_2", "lead_time": 1, "lateral": True},
        {"from": "store_2", "to": "store_1", "lead_time": 1, "lateral": True},
    ],
    "customers": [
        {"site": site, "shortage": 9, "demand": {"type": "replay", "values": [1] * 10}} for site in ("store_1", "store_2")
    ],
}
FORTH, BACK = "store_1->store_2", "store_2->store_1"


def flows(by_period: dict[int, dict[str, float]]) -> Any:
    """What is ordered by the two lateral lanes, in these periods."""
    lanes = [f"{lane['from']}->{lane['to']}" for lane in (*PEERS["lanes"][:2], *PEERS["lanes"][2:])]
    order = sorted(range(4), key=lambda place: (not PEERS["lanes"][place].get("lateral", False), lanes[place].split("->")[1]))
    named = [lanes[place] for place in order]
    quantities = [[by_period.get(period, {}).get(lane, 0.0) for lane in named] for period in range(10)]
    return evaluate(PEERS, "autonomous_silo", Scripted(quantities=quantities), episodes=1)


def test_what_goes_back_within_the_window_is_cross_flow_of_the_site_that_gets_it() -> None:
    """10 go forth and 4 back, then 3 forth again: 4 and 3 of 17 units go against what came before."""
    found = flows({0: {FORTH: 10}, 2: {BACK: 4}, 4: {FORTH: 3}})
    assert found.lanes.loc[FORTH, "shipped"] == pytest.approx(1.3)
    assert found.kpis["cross_flow"] == pytest.approx(7 / 17)
    assert found.sites.loc["store_1", "cross_flow"] == 1
    assert found.sites.loc["store_2", "cross_flow"] == pytest.approx(3 / 13)


def test_what_crosses_in_one_period_counts_both_ways() -> None:
    assert flows({3: {FORTH: 6, BACK: 2}}).kpis["cross_flow"] == pytest.approx(4 / 8)


@pytest.mark.parametrize(("later", "share"), [(WINDOW, 0.5), (WINDOW + 1, 0.0)])
def test_what_goes_back_after_the_window_is_no_cross_flow(later: int, share: float) -> None:
    assert flows({1: {FORTH: 5}, 1 + later: {BACK: 5}}).kpis["cross_flow"] == pytest.approx(share)


def test_one_way_alone_is_none_and_without_any_there_is_no_number() -> None:
    assert flows({1: {FORTH: 5}, 2: {FORTH: 5}}).kpis["cross_flow"] == 0
    assert math.isnan(flows({}).kpis["cross_flow"])


def test_networks_whose_peers_cannot_send_anything_back_have_no_such_kpi() -> None:
    assert "cross_flow" not in evaluate(RANDOM, agents="base_stock", episodes=2).kpis
