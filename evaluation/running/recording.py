"""One held-out episode under a policy, written down period by period for whoever wants to watch it.

Letters: T frames (one before the first period, and one after each), L lanes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.agents.team import seated
from orderup.envs.rendering.deciders import DECIDERS
from orderup.envs.rendering.network_view import LaneView, NetworkView, SiteView
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from .replay import EpisodeReplay, unless_constant
from .result import Result

PERIODS = 200
"""The longest replay."""
EPISODE = 0
"""Which of the traces is shown."""

SITE = ("on_hand", "owes", "position", "level", "band", "demand", "lost")
LANE = ("under_way", "ordered", "waiting", "approval")


def replay_of(result: Result, periods: int = PERIODS) -> EpisodeReplay:
    """The first periods of one episode under a policy, numbers rounded: what is on the shelf, owed, under way, and who decided.

    A policy that draws lots draws others than when it was evaluated; the demand and all else of the trace are the same.
    """
    simulator = simulator_of(result)
    seating = Seating(simulator, seated(result.agent, simulator))
    seating.reset(result.traces.seed, np.array([EPISODE]), policy_seed=EPISODE)
    recorder = _Recorder(NetworkView(simulator, seating))
    recorder.record()
    while not simulator.done and simulator.now.period < periods:
        simulator.advance(seating.decisions())
        recorder.record()
    return recorder.replay()


def simulator_of(result: Result) -> Simulator:
    """That of the shown episode."""
    traces = result.traces
    return Simulator(traces.scenario, result.autonomy, batch=1, horizon=traces.horizon, split=traces.split)


class _Recorder:
    """Frames of an episode, put down as they come."""

    def __init__(self, view: NetworkView) -> None:
        self._view = view
        self._sites: list[list[list[float | None]]] = []
        self._lanes: list[list[list[float | None]]] = []
        self._who: list[list[int]] = []
        self._costs: list[float | None] = []

    def record(self) -> None:
        sites, approval = self._view.sites(), self._approval()
        found = {lane.label: lane for site in sites for lane in site.lanes}
        lanes = [found[label] for label in self._view.simulator.numpy_network.lanes]
        self._sites.append([_of_site(site) for site in sites])
        self._lanes.append([_of_lane(lane, float(waits)) for lane, waits in zip(lanes, approval, strict=True)])
        self._who.append([list(DECIDERS).index(lane.deciders[-1]) for lane in lanes])
        self._costs.append(_rounded(sum(self._view.costs.values())))

    def _approval(self) -> NDArray[np.float64]:
        """What waits for approval on each lane (L,)."""
        state = self._view.simulator.now.state
        pending = [np.asarray(waiting[..., 0], dtype=np.float64).sum(axis=1) for waiting in state.pending]
        return np.sum(pending, axis=0) if pending else np.zeros(len(self._view.simulator.numpy_network.lanes))

    def replay(self) -> EpisodeReplay:
        return EpisodeReplay(
            site={name: _series(self._sites, at) for at, name in enumerate(SITE)},
            lane={name: _series(self._lanes, at) for at, name in enumerate(LANE)},
            who=[unless_constant(list(column)) for column in zip(*self._who, strict=True)],
            cost=self._costs,
        )


def _series(frames: Sequence[Sequence[Sequence[float | None]]], at: int) -> list[Any]:
    """One quantity of every site or lane over time."""
    return [unless_constant([frame[row][at] for frame in frames]) for row in range(len(frames[0]))]


def _of_site(site: SiteView) -> list[float | None]:
    values = (site.on_hand, site.backlog + site.owed, site.position, site.level, site.band, site.demand, site.lost)
    return [_rounded(value) for value in values]


def _of_lane(lane: LaneView, approval: float) -> list[float | None]:
    return [_rounded(value) for value in (lane.under_way, lane.ordered, lane.waiting, approval)]


def _rounded(value: float | None) -> float | None:
    """To a tenth, whole from a hundred on; the picture has no room for more."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, 1) if abs(value) < 100 else float(round(value))
