"""Events of an episode as those who watch it are told of them."""

from __future__ import annotations

import numpy as np

from orderup.envs.describe.happenings import Happening, happenings
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import draw_events

from ..by_hand import scenario


def told(horizon: int = 30, batch: int = 1, episode: int = 0, **events: object) -> list[Happening]:
    sites: dict[str, dict[str, object]] = {"store_1": {}, "warehouse_1": {"throughput": 9}}
    lanes = [{"from": "supplier", "to": "warehouse_1", "unit_cost": 2}, {"from": "warehouse_1", "to": "store_1"}]
    customers = [{"site": "store_1", "demand": {"type": "poisson", "mean": 4}}]
    sim = Simulator(scenario(sites, lanes, customers, horizon=horizon, **events))
    return happenings(draw_events(sim.numpy_network, sim.backend, 0, np.arange(batch), horizon), episode)


def test_an_event_is_told_with_what_it_does_where_and_when() -> None:
    fire = {"at": "warehouse_1", "name": "fire", "keeps": 0.5, "when": {"type": "scheduled", "from": 4, "until": 7}}
    weekly = {"type": "scheduled", "from": 0, "until": 2, "every": 10}
    strike = {"at": "supplier->warehouse_1", "pauses": "orders", "when": weekly}
    assert told(disruptions=[fire, strike]) == [
        Happening("disruption", "fire", "50% of the capacity left", ("warehouse_1",), (), ((5, 7),)),
        Happening(
            "disruption", "orders:supplier->warehouse_1", "orders paused", (), ("supplier->warehouse_1",),
            ((1, 2), (11, 12), (21, 22)),
        ),
    ]  # fmt: skip


def test_storms_deals_shifts_and_promotions_are_told_too_and_what_never_comes_is_not() -> None:
    found = told(
        regimes={"storm": {"when": {"type": "scheduled", "from": 2, "until": 5}}},
        prices=[{"at": "supplier->warehouse_1", "name": "deal", "factor": 0.9, "when": {"type": "regime", "name": "storm"}}],
        shifts=[{"at": "store_1", "factor": 2, "name": "fair", "when": {"type": "scheduled", "from": 29}}],
        promotions=[{"at": "store_1", "uplift": 3, "chance": 1, "length": 30}],
        disruptions=[{"at": "warehouse_1", "name": "never", "keeps": 0, "when": {"type": "scheduled", "from": 30}}],
    )
    assert [(each.kind, each.name, each.spans) for each in found] == [
        ("regime", "storm", ((3, 5),)),
        ("price", "deal", ((3, 5),)),
        ("shift", "fair", ((30, 30),)),
        ("promotion", "promotion at store_1", ((1, 30),)),
    ]


def test_each_episode_is_told_as_its_trace_has_it() -> None:
    out = {"at": "supplier->warehouse_1", "pauses": "shipments", "when": {"type": "markov", "begins": 0.2, "ends": 0.4}}
    sites: dict[str, dict[str, object]] = {"warehouse_1": {}}
    customers = [{"site": "warehouse_1", "demand": {"type": "poisson", "mean": 4}}]
    keys: dict[str, object] = {"horizon": 40, "disruptions": [out]}
    sim = Simulator(scenario(sites, [{"from": "supplier", "to": "warehouse_1"}], customers, **keys), batch=5)
    sim.reset(seed=3)
    assert sim.trace is not None
    assert sim.trace.outage is not None
    events = draw_events(sim.numpy_network, sim.backend, 3, np.arange(5), 40)
    for episode in range(5):
        on = {period for each in happenings(events, episode) for first, last in each.spans for period in range(first, last + 1)}
        assert on == set(np.flatnonzero(sim.trace.outage[:, episode]) + 1)
