"""One held-out episode of every method, written down period by period for the replay.

Letters: T frames (one before the first period, and one after each), N sites, L lanes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.agents.team import seated
from orderup.envs.api.deciders import DECIDERS
from orderup.envs.api.glance import Glances, LaneGlance, SiteGlance
from orderup.envs.api.layout import Layout
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from ..report import harmless
from ..result import Result
from .methods import Method

PERIODS = 200
"""The longest replay."""
NUMBERS = 600_000
"""In all recordings of a page together (about 3 MB); episodes are cut short for it, methods left out only after that."""
SHORTEST = 20
EPISODE = 0
"""Which of the traces is shown."""

SITE = ("on_hand", "owes", "position", "level", "band", "demand", "lost")
LANE = ("under_way", "ordered", "waiting", "approval")


def replay(methods: Sequence[Method]) -> dict[str, Any]:
    """The network's picture, and every method's recording of the same trace, as plain data."""
    first = methods[0].seeds[0]
    sim = _simulator(first)
    horizon = first.traces.horizon
    each = len(SITE) * len(sim.plan.sites) + (len(LANE) + 1) * len(sim.plan.lanes) + 1
    frames = max(min(PERIODS, horizon, NUMBERS // (each * len(methods))), min(SHORTEST, horizon))
    shown = methods[: max(NUMBERS // (each * frames), 1)]
    return {
        "picture": picture(sim),
        "deciders": DECIDERS,
        "warmup": first.traces.scenario.warmup,
        "horizon": horizon,
        "periods": frames,
        "episode": EPISODE,
        "left_out": len(methods) - len(shown),
        "methods": [
            {"label": method.label, "safe": harmless(method.label), **recording(method.seeds[0], frames)} for method in shown
        ],
    }


def picture(sim: Simulator) -> dict[str, Any]:
    """Where everything stands, in pixels from the top left."""
    plan, layout = sim.plan, Layout(sim.plan)
    boxes = [[box.left, box.top, box.right, box.bottom] for box in layout.sites]
    return {
        "width": layout.width,
        "height": layout.height,
        "sites": [
            {"name": name, "role": plan.scenario.sites[name].role, "box": box, "usual": usual}
            for name, box, usual in zip(plan.sites, boxes, Glances(sim).usual, strict=True)
        ],
        "suppliers": [
            {"name": name, "box": [box.left, box.top, box.right, box.bottom]} for name, box in layout.suppliers.items()
        ],
        "lanes": [
            {"name": name, "to": int(site), "points": [list(point) for point in way.points], "room": way.room}
            for name, site, way in zip(plan.lanes, plan.destination, layout.lanes, strict=True)
        ],
        "customers": [{"site": row, "at": list(start)} for row, start in layout.customers.items()],
    }


def recording(result: Result, periods: int = PERIODS) -> dict[str, Any]:
    """The first periods of one episode under a policy, numbers rounded: what is on the shelf, owed, under way, and who decided.

    A policy that draws lots draws others than when it was judged; the demand and all else of the trace are the same.
    """
    sim = _simulator(result)
    seating = Seating(sim, seated(result.agent, sim))
    seating.reset(result.traces.seed, np.array([EPISODE]), policy_seed=EPISODE)
    film = _Film(Glances(sim, seating))
    film.expose()
    while not sim.done and sim.now.period < periods:
        sim.advance(seating.decisions())
        film.expose()
    return film.developed()


def _simulator(result: Result) -> Simulator:
    traces = result.traces
    return Simulator(traces.scenario, result.autonomy, batch=1, horizon=traces.horizon, split=traces.split)


class _Film:
    """Frames of an episode, put down as they come."""

    def __init__(self, glances: Glances) -> None:
        self._glances = glances
        self._sites: list[list[list[float | None]]] = []
        self._lanes: list[list[list[float | None]]] = []
        self._who: list[list[int]] = []
        self._costs: list[float | None] = []

    def expose(self) -> None:
        sites, approval = self._glances.sites(), self._approval()
        found = {lane.label: lane for site in sites for lane in site.lanes}
        lanes = [found[label] for label in self._glances.simulator.plan.lanes]
        self._sites.append([_of_site(site) for site in sites])
        self._lanes.append([_of_lane(lane, float(waits)) for lane, waits in zip(lanes, approval, strict=True)])
        self._who.append([list(DECIDERS).index(lane.deciders[-1]) for lane in lanes])
        self._costs.append(_rounded(sum(self._glances.costs.values())))

    def _approval(self) -> NDArray[np.float64]:
        """What waits for approval on each lane (L,)."""
        state = self._glances.simulator.now.state
        pending = [np.asarray(waiting[..., 0], dtype=np.float64).sum(axis=1) for waiting in state.pending]
        return np.sum(pending, axis=0) if pending else np.zeros(len(self._glances.simulator.plan.lanes))

    def developed(self) -> dict[str, Any]:
        """By quantity, then by site or lane, then by time; `who` by lane and time, as numbers of `DECIDERS`."""
        return {
            "site": {name: _series(self._sites, at) for at, name in enumerate(SITE)},
            "lane": {name: _series(self._lanes, at) for at, name in enumerate(LANE)},
            "who": [_unless_constant(list(column)) for column in zip(*self._who, strict=True)],
            "cost": self._costs,
        }


def _series(frames: Sequence[Sequence[Sequence[float | None]]], at: int) -> list[Any]:
    """One quantity of every site or lane over time."""
    return [_unless_constant([frame[row][at] for frame in frames]) for row in range(len(frames[0]))]


def _unless_constant(values: list[Any]) -> Any:
    """The series, or its only value: half of what is recorded never moves."""
    return values[0] if all(value == values[0] for value in values) else values


def _of_site(site: SiteGlance) -> list[float | None]:
    values = (site.on_hand, site.backlog + site.owed, site.position, site.level, site.band, site.demand, site.lost)
    return [_rounded(value) for value in values]


def _of_lane(lane: LaneGlance, approval: float) -> list[float | None]:
    return [_rounded(value) for value in (lane.under_way, lane.ordered, lane.waiting, approval)]


def _rounded(value: float | None) -> float | None:
    """To a tenth, whole from a hundred on; the picture has no room for more."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, 1) if abs(value) < 100 else float(round(value))
