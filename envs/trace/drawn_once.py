"""Traces on which several are judged, drawn once: a trace is what a network's sources, a seed and episodes' numbers make it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np

from ..demand import DemandProcess
from ..demand.file import FileDemand
from ..demand.lead_time import LeadTime
from ..network.network import Network
from ..numerics.arrays import Array
from ..numerics.backend import Backend
from ..numerics.kept import Kept
from .trace import Trace, draw_feed_errors, draw_trace

TRACES: Kept[Trace] = Kept(1 << 28, lambda trace: int(trace.demand.nbytes))
"""The latest used, by all that they are made of."""


def drawn_once(
    network: Network,
    backend: Backend,
    seed: int,
    episodes: Array,
    periods: int,
    split: str = "train",
    feed_noise: float = 0.0,
) -> Trace:
    """As `draw_trace`, the same arrays for whoever asks for the same: they are not to be written into.

    Levels of autonomy meet the same demand, and so does who is promised another service; a feed's errors are each level's own.
    What is read from files, what has events, and what is drawn elsewhere than in NumPy is drawn each time.
    """
    if backend.name != "numpy" or not _is_plain(network):
        return draw_trace(network, backend, seed, episodes, periods, split, feed_noise)
    key = (_sources(network), backend, seed, np.asarray(episodes).tobytes(), periods, split)
    found = TRACES.get(key, lambda: _closed(draw_trace(network, backend, seed, episodes, periods, split)))
    return replace(found, feed_error=draw_feed_errors(network, backend, seed, episodes, periods, feed_noise))


def _is_plain(network: Network) -> bool:
    """Whether nothing is drawn but demand and lead times, by what their keys say."""
    events = network.events
    if events.channels or events.promotions or events.returns or events.shifts or events.influences:
        return False
    return network.forecasts is None and not any(isinstance(one.process, FileDemand) for one in network.demand.sources)


def _sources(network: Network) -> Hashable:
    """All that demand and lead times are drawn by."""
    demand = tuple((one.row, one.place, one.site, one.products, _said(one.process)) for one in network.demand.sources)
    times = tuple((one.lane, one.destination, _said(one.process)) for one in network.times.drawn)
    return network.topology.shape, network.products, demand, repr(network.demand.scores), times


def _said(process: DemandProcess | LeadTime) -> tuple[str, str]:
    """A process in its keys, and by the classes of all that is in it."""
    return process.model_dump_json(), repr(process)


def _closed(trace: Trace) -> Trace:
    for values in (trace.demand, trace.lead_time):
        if values is not None:
            values.flags.writeable = False
    return trace
