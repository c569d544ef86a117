"""Who fills the seats: policies here, learners outside, and a rule for the periods in which a site's controller is down.

Letters: B batch, S seats, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .authority.actions import ActionMap
from .autonomy.autonomy import PLANNER
from .foundation.errors import InputError, UnknownName
from .information.information import Information
from .information.policy import Context, Policy
from .numerics.philox import uniforms
from .physics.decision import Decision, Decisions, merged
from .simulator import Party, Simulator
from .trace.trace import Trace


@dataclass(frozen=True)
class Dropout:
    """How sites' controllers fail: a working one with chance `rate` in a period, a failed one comes back with `recovery`."""

    rate: float
    recovery: float
    fallback: Policy | None = None
    """What such a site goes by meanwhile; None stands for its usual level."""

    def __post_init__(self) -> None:
        for key in ("rate", "recovery"):
            if not 0.0 <= getattr(self, key) <= 1.0:
                raise InputError(f"dropout.{key}", getattr(self, key), "a probability from 0 to 1")


class UsualLevel:
    """Order up to the usual level, mean demand over the protection interval plus two standard deviations, and of no peer."""

    def reset(self, context: Context) -> None:
        """Work out the levels."""
        usual = ActionMap(context.network, context.seats)
        self._level = context.backend.asarray(usual.usual_level)[None]
        self._lateral = usual.lateral

    def act(self, information: Information) -> Decision:
        """The same in every period."""
        if self._lateral is None:
            return Decision(level=self._level)
        return Decision(self._level, 0.0 * self._level, self._lateral)


class Seating:
    """The seats of a simulator's autonomy level, some of them filled by `policies`: by seat, or `sites` for all that are sites.

    The others are `open`: their decisions come from outside. Raises InputError for a seat that is not there, and for two
    policies for one seat.
    """

    def __init__(
        self, simulator: Simulator, policies: Mapping[str, Policy] | None = None, dropout: Dropout | None = None
    ) -> None:
        if dropout is not None and not simulator.autonomy.has_sites:
            raise InputError(
                "dropout", f"authority {simulator.autonomy.authority}", "an autonomy level at which sites decide something"
            )
        self.simulator, self.dropout = simulator, dropout
        self.filled = _by_seat(simulator, policies or {})
        self.open = tuple(seat for seat in simulator.seats if seat not in self.filled)
        self._planner = self.filled.get(PLANNER)
        self._shares = self._lanes_of({seat: policy for seat, policy in self.filled.items() if seat != PLANNER})
        self._fallback = (dropout.fallback or UsualLevel()) if dropout else None
        self._down: NDArray[np.bool_] | None = None

    def reset(self, seed: int | None = None, episodes: Any = None, policy_seed: int = 0) -> None:
        """Begin episodes, as the simulator does, and tell the policies."""
        self.simulator.reset(seed, episodes)
        self.begin(policy_seed)

    def replay(self, trace: Trace, policy_seed: int = 0) -> None:
        """Begin the episodes of a trace drawn before, and tell the policies.

        Controllers fail as in the episodes of the simulator's last reset: a trace does not know of them.
        """
        self.simulator.replay(trace)
        self.begin(policy_seed)

    def begin(self, policy_seed: int = 0) -> None:
        """Tell the policies of the episodes that the simulator has begun."""
        if self._planner is not None:
            self._planner.reset(self.simulator.context(policy_seed, "planner"))
        for policy, _ in self._shares:
            policy.reset(self.simulator.context(policy_seed, "sites"))
        if self.dropout is not None and self._fallback is not None:
            self._fallback.reset(self.simulator.context(policy_seed, "sites"))
            self._down = self._draw_dropout(self.dropout)

    def decisions(self, outside: Mapping[Party, Decision] | None = None) -> Decisions:
        """All decisions for this period; `outside` holds those of the open seats."""
        given = outside or {}
        planner, sites = given.get("planner"), given.get("sites")
        if self._planner is not None and self.simulator.centre.decides(self.simulator.now.period):
            planner = self._planner.act(self.simulator.information_of("planner"))
        for policy, lanes in self._shares:
            own = policy.act(self.simulator.information_of("sites"))
            sites = own if sites is None or lanes.all() else merged(lanes, own, sites)
        down = self.down
        if down is not None and self._fallback is not None and sites is not None and down.any():
            fallen = self._fallback.act(self.simulator.information_of("sites"))
            sites = merged(down[:, self.simulator.numpy_network.topology.destination], fallen, sites)
        return Decisions(planner, sites)

    @property
    def down(self) -> NDArray[np.bool_] | None:
        """Which sites' controllers are down in the coming period (B, N); None where none ever is."""
        period = self.simulator.now.period
        return None if self._down is None or period >= len(self._down) else self._down[period]

    def active(self, seat: str) -> bool:
        """Whether a decision of a seat would count in the coming period, for the first episode of the batch."""
        if seat == PLANNER:
            return self.simulator.centre_decides
        down = self.down
        return down is None or not down[0, self.simulator.numpy_network.sites.index(seat)]

    def _lanes_of(self, by_seat: Mapping[str, Policy]) -> list[tuple[Policy, NDArray[np.bool_]]]:
        """Each policy once, with the lanes of all its seats (L,)."""
        found: list[tuple[Policy, NDArray[np.bool_]]] = []
        for seat, policy in by_seat.items():
            lanes = self.simulator.numpy_network.topology.destination == self.simulator.numpy_network.sites.index(seat)
            for number, (known, others) in enumerate(found):
                if known is policy:
                    found[number] = (policy, others | lanes)
                    break
            else:
                found.append((policy, lanes))
        return found

    def _draw_dropout(self, dropout: Dropout) -> NDArray[np.bool_]:
        """Which controllers are down (T, B, N): a two-state chain for each site, drawn with the trace's keys."""
        simulator = self.simulator
        names = [f"dropout/{site}" for site in simulator.numpy_network.sites]
        drawn = uniforms(simulator.seed, names, simulator.episodes, simulator.horizon)
        down = np.zeros((simulator.horizon, simulator.batch, len(names)), dtype=bool)
        for period in range(1, simulator.horizon):
            chance = np.where(down[period - 1], 1.0 - dropout.recovery, dropout.rate)
            down[period] = chance > drawn[period].T
        return down


def _by_seat(simulator: Simulator, policies: Mapping[str, Policy]) -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for name, policy in policies.items():
        seats = simulator.site_seats if name == "sites" else (PLANNER,) if name == "planner" else (simulator.seat_of(name),)
        for seat in seats:
            if seat not in simulator.seats:
                raise UnknownName("seats", seat, ["sites", "planner", *simulator.seats])
            if seat in found:
                raise InputError(f"seats.{seat}", "two policies", "one policy for each seat")
            found[seat] = policy
    return found
