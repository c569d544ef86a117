"""What the simulator's last period has come to, as rewards see it."""

from __future__ import annotations

from .authority.rewards import PeriodOutcome
from .simulator import Ledger, Simulator


def outcome_of(simulator: Simulator, ledger: Ledger) -> PeriodOutcome:
    """Of the period that this ledger is of. Raises RuntimeError where none has been simulated."""
    now = simulator.now
    if now.flows is None:
        raise RuntimeError("no period has been simulated")
    return PeriodOutcome(simulator.network, now.state, now.flows, ledger.by_term, ledger.by_site, simulator.centre.distance)
