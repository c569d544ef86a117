"""Nobody hears of an event before its time, or of one that is not his to see: at every level, to the bit.

In a network with every kind of event each number of the trace is changed, in the present, the past and the future, and every
seat's observation is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from orderup.envs.catalogue import list_autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.snapshot import Snapshot
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import Trace

from ..levels_of_autonomy import level
from ..looking import in_sight, own, past_of, rewrite, running, seen

ALWAYS = {"type": "markov", "begins": 0.5, "ends": 0.5}
NOTICE = 2
EVENTFUL: dict[str, Any] = {
    "name": "eventful",
    "horizon": 12,
    "sites": {
        "store_1": {"holding": 1.0, "initial": 30},
        "store_2": {"holding": 1.0, "initial": 30},
        "warehouse_1": {"holding": 0.5, "initial": 60, "throughput": 100, "machines": {"press": {"hours": 8}}},
    },
    "suppliers": {"supplier_a": {"capacity": 100}},
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "warehouse_1", "to": "store_2", "lead_time": 1},
        {"from": "supplier_a", "to": "warehouse_1", "lead_time": 2, "unit_cost": 1.0},
        {"make": "product", "at": "warehouse_1", "machine": "press", "hours": 0.5, "lead_time": 2, "unit_cost": 2.0},
    ],
    "customers": [
        {"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}},
        {"site": "store_2", "shortage": 9, "demand": {"type": "poisson", "mean": 10}},
    ],
    "disruptions": [
        {"at": "store_1", "pauses": "orders", "when": ALWAYS, "announced": NOTICE},
        {"at": "warehouse_1->store_2", "pauses": "shipments", "when": ALWAYS, "announced": NOTICE},
        {"at": "store_2", "pauses": "transit", "when": ALWAYS, "announced": NOTICE},
        {"at": "warehouse_1", "pauses": "receipts", "when": ALWAYS},
        {"at": "warehouse_1", "keeps": 0.5, "when": ALWAYS, "announced": NOTICE},
        {"at": "supplier_a", "keeps": 0.5, "when": ALWAYS, "announced": NOTICE},
        {"at": "warehouse_1/press", "keeps": 0.5, "when": ALWAYS, "announced": NOTICE},
        {"at": "warehouse_1->store_1", "delay": 2, "when": ALWAYS, "announced": NOTICE},
    ],
    "prices": [
        {"at": "supplier_a", "factor": 0.8, "when": ALWAYS},
        {"at": "supplier_a", "tariff": 0.2, "when": ALWAYS, "announced": NOTICE},
    ],
    "promotions": [{"at": ["store_1", "store_2"], "uplift": 2, "chance": 0.2, "known_ahead": NOTICE, "reported": 0.5}],
}
CHANNELS = ("accepting", "available", "moving", "receiving", "delay", "price", "tariff", "limits")
LEVELS = [*list_autonomy(), level(), level("target", feed_latency=2), {"name": "open", "visibility": "integrated"}]


class Change(NamedTuple):
    """A number of the trace that is otherwise, and who may see that."""

    what: str
    owners: set[int]
    """Sites in whose records it stands."""
    heard: bool
    """Whether those who may look into these records find it there."""
    integrated: bool
    trace: Trace


def raised(values: Any, *at: int) -> Any:
    changed = values.copy()
    changed[at] += 1.0
    return changed


def changes(simulator: Simulator, trace: Trace, period: int) -> Iterator[Change]:
    """Every number of the events of one period (of promotions and announced events: of those later ones known by then)."""
    network = simulator.numpy_network
    assert network.events.channels is not None
    for channel in CHANNELS:
        for row, place in enumerate(np.arange(len(network.lanes))[getattr(network.events.channels, channel)].tolist()):
            values = raised(getattr(trace.conditions, channel), period, row)
            changed = replace(trace, conditions=trace.conditions._replace(**{channel: values}))
            supplier = channel == "limits" and network.limits.limited[place] in network.scenario.suppliers
            owner = network.sites.index("warehouse_1") if channel == "limits" else int(network.topology.destination[place])
            yield Change(channel, {owner}, True, supplier, changed)
    for ahead in range(NOTICE + 1):
        for site in range(len(network.sites)):
            for name in ("promotions", "reported"):
                ((notice, values),) = getattr(trace, name)
                news: dict[str, Any] = {name: ((notice, raised(values, period + ahead, site)),)}
                changed = replace(trace, **news)
                yield Change(name, {site}, name == "reported", False, changed)
        for channel in trace.announced if ahead else ():
            ((notice, values),) = trace.announced[channel]
            for row in range(values.shape[1] if channel == "limits" else 1):
                changed = replace(
                    trace, announced={**trace.announced, channel: ((notice, raised(values, period + ahead, row)),)}
                )
                owner = int(
                    network.topology.destination[np.arange(len(network.lanes))[getattr(network.events.channels, channel)][0]]
                )
                integrated = channel != "tariff"
                if channel == "limits":
                    owner, integrated = (
                        network.sites.index("warehouse_1"),
                        network.limits.limited[row] in network.scenario.suppliers,
                    )
                yield Change(f"{channel} ahead", {owner}, True, integrated, changed)


def shown(simulator: Simulator, past: list[Snapshot], age: int, trace: Trace) -> dict[str, bytes]:
    """What everybody sees if the snapshot of some age had been taken in a world with this trace."""
    snapshot = past[-1 - age]
    changed = replace(snapshot, outlook=trace.outlook(snapshot.period))
    rewrite(simulator, age, changed, past[-1])
    found = seen(simulator)
    rewrite(simulator, age, snapshot, past[-1])
    return found


def may_see(simulator: Simulator, seat: str, change: Change, age: int) -> bool:
    latency = simulator.autonomy.feed_latency
    visibility = simulator.autonomy.visibility_of((seat,))
    if change.integrated and visibility != "integrated":
        return False
    if change.what == "reported" and visibility not in ("shared", "integrated"):
        return False
    others = in_sight(simulator, seat) - own(simulator, seat) if change.heard else set()
    visible = (own(simulator, seat) if age == 0 else set()) | (others if age == latency else set())
    return bool(change.owners & visible)


@pytest.mark.parametrize("autonomy", LEVELS, ids=str)
def test_everybody_sees_the_events_that_are_his_to_see_in_their_time_and_no_others(autonomy: Any) -> None:
    simulator = running(EVENTFUL, autonomy)
    trace, latency = simulator.trace, simulator.autonomy.feed_latency
    assert trace is not None
    before, past = seen(simulator), past_of(simulator)
    for age in range(latency + 1):
        for change in changes(simulator, trace, past[-1 - age].period):
            for seat, found in shown(simulator, past, age, change.trace).items():
                expected = may_see(simulator, seat, change, age)
                assert (found != before[seat]) == expected, f"{change.what}, {age} old, of {change.owners}, seen by {seat}"
    assert seen(simulator) == before


@pytest.mark.parametrize("autonomy", LEVELS, ids=str)
def test_nobody_sees_what_is_further_ahead_than_it_is_known(autonomy: Any) -> None:
    simulator = running(EVENTFUL, autonomy)
    trace, now = simulator.trace, simulator.now
    assert trace is not None
    before = seen(simulator)
    later = {name: raised(getattr(trace.conditions, name), now.period + 1) for name in CHANNELS}
    changed = replace(trace, conditions=trace.conditions._replace(**later))
    for name in ("promotions", "reported"):
        ((notice, values),) = getattr(trace, name)
        unheard: dict[str, Any] = {name: ((notice, raised(values, now.period + NOTICE + 1)),)}
        changed = replace(changed, **unheard)
    news = {name: ((n, raised(values, now.period + NOTICE + 1)),) for name, ((n, values),) in trace.announced.items()}
    changed = replace(changed, announced=news)
    assert shown(simulator, [now], 0, changed) == before


def test_a_promotion_that_is_not_passed_on_is_refused_to_others_by_name() -> None:
    simulator = running(EVENTFUL, "autonomous_shared")
    with pytest.raises(InputError, match="promotions_ahead.*their own"):
        simulator.information.everywhere("promotions_ahead")
    assert simulator.information.own("promotions_ahead").shape == (2, 3, NOTICE + 1, 1)
    assert simulator.information.everywhere("promotions_reported").shape == (2, 3, NOTICE + 1, 1)
    centre = running(EVENTFUL, "central_ideal")
    with pytest.raises(InputError, match="promotions_ahead"):
        centre.information.own("promotions_ahead")
