"""A centre's numbers as shares of the stock it divides, in place of levels for every lane.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace
from orderup.envs.numerics.backend import Backend

LARGEST = 20.0
"""Of a share's logarithm: e^20 to one is everything."""


class Allocation:
    """Turns a planner's actions (B, 1, A) into a decision: of each site's stock on hand every lane out of it gets a share.

    The shares of a site's lanes are the softmax of their numbers, with one more share, of number 0, that stays on the shelf.
    Lanes from outside suppliers get order-up-to levels, (1 + a) times the usual one. As in the warehouse problems of Alvo,
    Russo and Kanoria (arXiv 2306.11246).
    """

    def __init__(self, network: Network) -> None:
        inside = network.topology.source >= 0
        if not inside.any():
            raise InputError(
                "form", "allocation", f"level or quantity in {network.scenario.name}, where no site supplies another"
            )
        self.size = len(network.lanes) * len(network.products)
        """A: numbers in the planner's action."""
        self._products = len(network.products)
        self._source = np.maximum(network.topology.source, 0)
        self._inside = inside
        self._suppliers = (np.arange(len(network.sites))[:, None] == network.topology.source[None]).astype(float)
        self._usual_level = network.usual_level

    @classmethod
    def of(cls, context: Context) -> Allocation:
        """Raises InputError where it is not a centre that places the orders."""
        if context.seats != (PLANNER,) or not context.autonomy.acts.places_orders:
            found = f"allocation at authority {context.autonomy.authority}"
            raise InputError("form", found, "level or quantity; stock is divided by a centre that places the orders (central)")
        return cls(context.network)

    def __call__(self, actions: Array, backend: Backend, information: Information) -> Decision:
        """The decision of actions (B, 1, A)."""
        xp = namespace(actions)
        raw = actions.reshape((actions.shape[0], -1, self._products))
        inside = backend.asarray(self._inside)[:, None]
        weight = xp.exp(xp.clip(raw, -LARGEST, LARGEST))
        total = 1.0 + xp.einsum("nl,blk->bnk", backend.asarray(self._suppliers), weight)
        stock = information.everywhere("on_hand") / total
        quantity = weight * stock[:, backend.asarray(self._source)]
        usual = backend.asarray(self._usual_level)
        return Decision(
            level=raw * usual + usual, quantity=xp.where(inside, quantity, 0.0 * quantity), by_quantity=self._inside
        )
