"""Today's orders as a table: one row for each lane and product, with the numbers that each order follows from.

Letters: N sites, L lanes, K products.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.numerics.arrays import Floats, in_float64
from orderup.envs.physics.decision import Decision
from orderup.envs.proposed import Proposed
from orderup.envs.simulator import Simulator

from .reasons import Reasoned, reason

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "site": "Who gets it",
    "product": "What",
    "lane": "By which way",
    "source": "From where",
    "quantity": "What goes out today [units]",
    "level": "Order-up-to level; blank where a quantity was decided [units]",
    "position": "Stock, less what is owed, and all that is on order, before this order, as the decider knows it [units]",
    "waiting": "Of what was decided today, what waits for approval [units]",
    "decided_by": "The site itself, or the centre",
    "reason": "Why, in one phrase",
}
"""Of `orders.csv`, and what they mean."""


def orders_table(simulator: Simulator, proposed: Proposed) -> pd.DataFrame:
    """The orders of the first episode of a batch, every number as it is."""
    import pandas as pd

    network = simulator.numpy_network
    carried = network.limits.carried
    there = np.ones((len(network.lanes), len(network.products)), bool) if carried is None else carried[:, :, 0] > 0
    lane, product = np.nonzero(there)
    numbers = {name: values[lane, product] for name, values in _numbers(simulator, proposed).items()}
    by_centre = _by_centre(simulator)[lane, product]
    site = network.topology.destination[lane]
    rows = [dict(zip(numbers, row, strict=True)) for row in zip(*(values.tolist() for values in numbers.values()), strict=True)]
    turn = _turn(simulator, proposed)
    return pd.DataFrame(
        {
            "site": np.array(network.sites)[site],
            "product": np.array(network.products)[product],
            "lane": np.array(network.lanes)[lane],
            "source": np.array(network.topology.sources)[lane],
            "quantity": numbers["quantity"],
            "level": numbers["level"],
            "position": numbers["position"],
            "waiting": numbers["waiting"],
            "decided_by": np.where(by_centre, PLANNER, np.array(network.sites)[site]),
            "reason": [
                reason(_reasoned(row, turn if centre else "")) for row, centre in zip(rows, by_centre.tolist(), strict=True)
            ],
        }
    )


def _reasoned(row: dict[str, float], turn: str) -> Reasoned:
    level = None if np.isnan(row["level"]) else row["level"]
    names = ("quantity", "position", "asked", "waiting", "let_out", "pack", "least")
    told = {name: row[name] for name in names}
    return Reasoned(level=level, accepting=row["accepting"] > 0, turn=turn, several=row["lanes"] > 1, **told)


def _numbers(simulator: Simulator, proposed: Proposed) -> dict[str, Floats]:
    """What each order follows from, each (L, K)."""
    network, limits = simulator.numpy_network, simulator.numpy_network.limits
    shape, to = (len(network.lanes), len(network.products)), network.topology.destination
    released, decided = _first(proposed.released), _first(proposed.ordered.decided)
    youngest = _first(proposed.ordered.pending[0]) if proposed.ordered.pending else np.zeros(shape)
    at_once = decided - youngest
    accepting = simulator.now.accepting
    known = np.where(_centre_orders(simulator), _first(proposed.known_position)[to], _first(proposed.position)[to])
    return {
        "quantity": released,
        "level": _levels(simulator, proposed),
        "position": known,
        "asked": _first(proposed.asked)[to],
        "waiting": youngest,
        "let_out": np.maximum(released - at_once, 0.0) if proposed.ordered.pending else np.zeros(shape),
        "pack": np.zeros(shape) if limits.multiple is None else limits.multiple[:, :, 0] + np.zeros(shape),
        "least": np.zeros(shape) if limits.minimum is None else limits.minimum[:, :, 0] + np.zeros(shape),
        "lanes": np.bincount(to, minlength=len(network.sites))[to][:, None] + np.zeros(shape),
        "accepting": np.ones(shape) if accepting is None else _first(accepting) + np.zeros(shape),
    }


def _levels(simulator: Simulator, proposed: Proposed) -> Floats:
    """Order-up-to levels that were executed (L, K), NaN where a quantity was decided, or nothing."""
    shape = (len(simulator.numpy_network.lanes), len(simulator.numpy_network.products))
    ordering = _of(proposed.target, shape) if proposed.centre_decides else np.full(shape, np.nan)
    if proposed.ordered.executed is None:
        return ordering
    return np.where(_centre_orders(simulator), ordering, _of(proposed.ordered.executed, shape))


def _of(decision: Decision | None, shape: tuple[int, int]) -> Floats:
    """A decision's levels (L, K), NaN where it has none."""
    none = np.full(shape, np.nan)
    if decision is None or decision.level is None:
        return none
    by = False if decision.by_quantity is None else np.asarray(decision.by_quantity)[:, :, 0] != 0
    return np.where(by, np.nan, _first(decision.level) + 0.0 * np.ones(shape))


def _centre_orders(simulator: Simulator) -> Any:
    """Which orders the centre places itself (L, K)."""
    return simulator.autonomy.acts.places_orders & ~simulator.within


def _by_centre(simulator: Simulator) -> Any:
    """Which orders follow the centre's word (L, K)."""
    return simulator.autonomy.has_planner & ~simulator.within


def _turn(simulator: Simulator, proposed: Proposed) -> str:
    """What is to be said where the centre does not decide in this period."""
    autonomy = simulator.autonomy
    if proposed.centre_decides or not autonomy.acts.places_orders:
        return ""
    return "dated by the centre when it decided last" if autonomy.plans_ahead else "not one of the centre's periods"


def _first(values: Any) -> Floats:
    """Those of the first episode of a batch."""
    found: Floats = in_float64(values)[..., 0]
    return found
