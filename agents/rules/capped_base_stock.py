"""Order up to a level, but never more than a cap."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, minimum, positive

from ..base import agents
from ..exact.capped import CappedOptimum, best_capped_base_stock
from ..levels.base_stock_levels import installation_levels
from ..levels.sources import whole_levels
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand


@agents.register("capped_base_stock")
class CappedBaseStock(Rule):
    """Capped base-stock: every site orders what its position lacks of `up_to`, but at most `cap` in a period.

    In closed form, by the exact stationary cost of one pair after another, for a store that loses sales of whole units: within
    about 1 % of the optimum (Xin, Operations Research 69, 2021). Elsewhere base-stock's level and a period's usual demand, a
    start for `fitted`.
    """

    names = ("up_to", "cap")
    dates_ahead = False
    known = frozenset({"lost"})
    up_to: Amounts = Field(None, description="The order-up-to level [units]; left out: in closed form")
    cap: Amounts = Field(None, description="Most that is ordered in a period [units]; left out: in closed form")

    def act(self, information: Information) -> Decision:
        """What is lacking, up to the cap."""
        return self.by_position(information, self._lacking)

    def _lacking(self, position: Array) -> Array:
        lacking = positive(self._number["up_to"] - position)
        return minimum(lacking, self._number["cap"] + 0.0 * lacking)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The best of both where sales are lost."""
        up_to, cap = (
            whole_levels(network, installation_levels(network, wait=wait)),
            network.loads.usual_amount[network.topology.destination],
        )
        lost = network.fulfilment.backlogged is not None and not network.fulfilment.backlogged.any()
        for lane, product in np.argwhere(network.topology.is_main).tolist() if lost else []:
            best = _best(SiteDemand.of(network, lane, product, wait))
            if best is not None:
                up_to[lane, product], cap[lane, product] = best.level, best.cap
        return {"up_to": np.asarray(up_to), "cap": np.array(cap)}


def _best(site: SiteDemand | None) -> CappedOptimum | None:
    """None where there is no exact cost: demand in parts of units, no lead time, or too long a one."""
    if site is None or not site.exact:
        return None
    try:
        return best_capped_base_stock(site.holding, site.shortage, site.interval, site.one_period)
    except InputError:
        return None
