"""Order in lots of one size once a reorder point is reached."""

from __future__ import annotations

from pydantic import Field

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace, positive

from ..base import agents
from ..exact.reorder import TIE, best_lots
from ..levels.covering import replaced_losses
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand, each_main_lane, opening_position


@agents.register("r_q")
class ReorderLots(Rule):
    """(r, nQ): a site whose inventory position is at or below `reorder` orders the fewest lots that lift it above.

    In closed form the best lots of one store that backlogs (Zheng and Chen, Naval Research Logistics 39, 1992), from the site's
    own demand and the stock that it starts with: whole lots never lead off the points that can be reached from there. Orders
    of other sites count from the period after they are known: lots stay whole.
    """

    names = ("reorder", "lot")
    dates_ahead = False
    signed = ("reorder",)
    known = frozenset({"fixed_cost", "trucks"})
    reorder: Amounts = Field(None, description="r [units]; left out: in closed form")
    lot: Amounts = Field(None, description="Q [units], 0: any amount; left out: in closed form")

    def act(self, information: Information) -> Decision:
        """Count the lots that are missing."""
        return self.by_position(information, self._lots)

    def _lots(self, position: Array) -> Array:
        xp, any_amount = namespace(self._number["lot"]), self._number["lot"] <= 0
        lot = xp.where(any_amount, 1.0 + 0.0 * self._number["lot"], self._number["lot"])
        short, due = self._number["reorder"] - position, self.reached(position, self._number["reorder"])
        lots = xp.floor(positive(short) / lot + 1e-6) + 1.0
        return xp.where(due, xp.where(any_amount, positive(short), lots * lot), 0.0 * short)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The best lots."""
        position = opening_position(network)
        reorder, lot = each_main_lane(network, wait, lambda site: _best(self.fitting(site), float(position[site.item])), 2)
        return {"reorder": reorder + replaced_losses(network), "lot": lot}


def _best(site: SiteDemand, start: float) -> tuple[float, float]:
    """R and Q; Q is 0 where filling up in every period is cheaper than any lots from this start."""
    known = (site.holding, site.shortage, site.fixed, site.interval, site.one_period)
    best = best_lots(*known, cover=site.cover_of_few, start=start)
    filled_up = best_lots(*known, lot=site.one_period.step, cover=site.cover_of_few)
    if filled_up.cost < best.cost * (1 - TIE):
        return filled_up.reorder + filled_up.lot, 0.0
    return best.reorder, best.lot
