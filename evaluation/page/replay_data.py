"""One held-out episode of every method, written down period by period for the replay.

Letters: T frames (one before the first period, and one after each), N sites, L lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from orderup.envs.describe.happenings import Happening, happenings
from orderup.envs.rendering.deciders import DECIDERS
from orderup.envs.rendering.layout import NetworkLayout
from orderup.envs.rendering.network_view import NetworkView
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import draw_events

from ..comparison.method import Method
from ..running.recording import EPISODE, LANE, PERIODS, SITE, replay_of, simulator_of
from ..running.result import Result
from ..tables.csv_text import harmless

NUMBERS = 600_000
"""In all recordings of a page together (about 3 MB); episodes are cut short for it, methods left out only after that."""
SHORTEST = 20


def replay(methods: Sequence[Method]) -> dict[str, Any]:
    """The network's picture, and every method's recording of the same trace, as plain data."""
    first = methods[0].seeds[0]
    sim = simulator_of(first)
    horizon = first.traces.horizon
    each = len(SITE) * len(sim.numpy_network.sites) + (len(LANE) + 1) * len(sim.numpy_network.lanes) + 1
    frames = max(min(PERIODS, horizon, NUMBERS // (each * len(methods))), min(SHORTEST, horizon))
    shown = methods[: max(NUMBERS // (each * frames), 1)]
    return {
        "picture": picture(sim),
        "happenings": [_happening(sim, each, frames) for each in _happenings(sim, first)],
        "deciders": DECIDERS,
        "warmup": first.traces.scenario.warmup,
        "horizon": horizon,
        "periods": frames,
        "episode": EPISODE,
        "left_out": len(methods) - len(shown),
        "methods": [_recorded(method, frames) for method in shown],
    }


def _happenings(sim: Simulator, result: Result) -> list[Happening]:
    traces = result.traces
    return happenings(
        draw_events(sim.numpy_network, sim.backend, traces.seed, np.array([EPISODE]), traces.horizon, traces.split)
    )


def _happening(sim: Simulator, each: Happening, periods: int) -> dict[str, Any]:
    """An event, the rows of what it is about, and its times within what is shown."""
    network = sim.numpy_network
    return {
        "name": each.name,
        "kind": each.kind,
        "effect": each.effect,
        "sites": [row for row, name in enumerate(network.sites) if name in each.sites],
        "suppliers": [name for name in each.sites if name not in network.sites],
        "lanes": [row for row, name in enumerate(network.lanes) if name in each.lanes],
        "spans": [[first, min(last, periods)] for first, last in each.spans if first <= periods],
    }


def _recorded(method: Method, periods: int) -> dict[str, Any]:
    """The replay that was kept when its first seed was evaluated, or a new one."""
    first = method.seeds[0]
    found = first.replay or replay_of(first, periods)
    return {"label": method.label, "safe": harmless(method.label), **vars(found.first(periods))}


def picture(sim: Simulator) -> dict[str, Any]:
    """Where everything stands, in pixels from the top left."""
    network, layout = sim.numpy_network, NetworkLayout(sim.numpy_network)
    boxes = [[box.left, box.top, box.right, box.bottom] for box in layout.sites]
    return {
        "width": layout.width,
        "height": layout.height,
        "sites": [
            {"name": name, "role": network.scenario.sites[name].role, "box": box, "usual": usual}
            for name, box, usual in zip(network.sites, boxes, NetworkView(sim).usual, strict=True)
        ],
        "suppliers": [
            {"name": name, "box": [box.left, box.top, box.right, box.bottom]} for name, box in layout.suppliers.items()
        ],
        "lanes": [
            {
                "name": name,
                "to": int(site),
                "points": [list(point) for point in way.points],
                "room": way.room,
                "pitch": way.pitch,
                "makes": network.scenario_lane(name).make,
            }
            for name, site, way in zip(network.lanes, network.topology.destination, layout.lanes, strict=True)
        ],
        "customers": [{"site": row, "at": list(start)} for row, start in layout.customers.items()],
    }
