"""Who decided: sites and planner themselves, policies in their seats, or the rule for a site that is down."""

from __future__ import annotations

import math

from ..autonomy.autonomy import PLANNER
from ..seating import Seating
from ..simulator import Simulator

DECIDERS = {
    "site": "the site itself",
    "policy": "a policy in the site's seat",
    "planner": "the planner",
    "planner's policy": "a policy in the planner's seat",
    "fallback": "a fallback rule: the site is down",
    "nobody": "nobody: not one of the planner's periods",
}
"""Everybody who can have decided, and what that means."""


class Deciders:
    """Tells who decides in the first episode of a batch; without a seating every seat decides for itself."""

    def __init__(self, simulator: Simulator, seating: Seating | None = None) -> None:
        self._simulator, self._seating = simulator, seating
        self._filled = frozenset() if seating is None else frozenset(seating.filled)
        self._planner = "planner's policy" if PLANNER in self._filled else "planner"

    @property
    def possible(self) -> tuple[str, ...]:
        """Those who decide about some lane in some period."""
        simulator, autonomy = self._simulator, self._simulator.autonomy
        found = {"policy" if seat in self._filled else "site" for seat in simulator.site_seats}
        if not simulator.within.all():
            found.add(self._planner)
        if autonomy.acts.places_orders and autonomy.cadence > 1 and not autonomy.plans_ahead:
            found.add("nobody")
        if self._seating is not None and self._seating.dropout is not None and simulator.site_seats:
            found.add("fallback")
        return tuple(name for name in DECIDERS if name in found)

    @property
    def schedule(self) -> str:
        """When the planner decides, or nothing where there is none."""
        autonomy, period = self._simulator.autonomy, self._simulator.now.period
        if not autonomy.has_planner:
            return ""
        wait, cadence = autonomy.approval_latency, autonomy.cadence
        late = f"; what needs approval waits {wait} period{'s' * (wait > 1)}" if wait else ""
        if cadence == 1:
            return f"{PLANNER} decides in every period{late}"
        last = f"last in {(period - 1) // cadence * cadence + 1}, " if period else ""
        return f"{PLANNER} decides every {cadence} periods: {last}next in {math.ceil(period / cadence) * cadence + 1}{late}"

    def of_lanes(self) -> list[tuple[str, ...]]:
        """Who decided about each lane (L,) in the last period; before the first, who will."""
        simulator = self._simulator
        period = max(simulator.now.period - 1, 0)
        single = simulator.autonomy.acts.places_orders and not simulator.autonomy.plans_ahead
        off = single and not simulator.centre.decides(period)
        planner = "nobody" if off else self._planner
        found = []
        for lane, site in enumerate(simulator.numpy_network.topology.destination):
            within = simulator.within[lane]
            own = (self._in_seat(int(site), period),) if within.any() else ()
            found.append(own if within.all() else (*own, planner))
        return found

    def _in_seat(self, site: int, period: int) -> str:
        down = None if self._seating is None else self._seating._down
        if down is not None and period < len(down) and down[period, 0, site]:
            return "fallback"
        return "policy" if self._simulator.numpy_network.sites[site] in self._filled else "site"
