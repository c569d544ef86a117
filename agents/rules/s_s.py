"""Order up to a level once a reorder point is reached."""

from __future__ import annotations

from pydantic import Field

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import namespace

from ..base import agents
from ..exact.reorder import zheng_federgruen
from ..levels.covering import replaced_losses
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand, each_main_lane


@agents.register("s_s")
class ReorderUpTo(Rule):
    """(s, S): a site whose inventory position is at or below `reorder` orders up to `up_to`, and nothing otherwise.

    In closed form by Zheng and Federgruen (Operations Research 39, 1991) from the site's own demand: the exact optimum of one
    store that backlogs; where sales are lost, as if they were backlogged; with normal demand for sites that supply others.
    Whether a site is due it decides before other sites' orders of the same period, which it then orders for as well; without a
    cost of ordering s is S, and the rule base-stock. Where orders are dear and waiting is cheap s is below nothing: as many
    customers wait before the site orders.
    """

    names = ("reorder", "up_to")
    dates_ahead = False
    signed = ("reorder",)
    known = frozenset({"fixed_cost", "trucks"})
    reorder: Amounts = Field(None, description="s [units]; left out: in closed form")
    up_to: Amounts = Field(None, description="S [units]; left out: in closed form")

    def act(self, information: Information) -> Decision:
        """Look whether the position is low enough."""
        position = self.position(information)
        due = self.reached(position, self._number["reorder"])
        return self.to_levels(namespace(position).where(due, self._number["up_to"], self.never(position)), information)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """Zheng and Federgruen's."""
        reorder, up_to = each_main_lane(network, wait, lambda site: _best(self.fitting(site)), 2)
        lost = replaced_losses(network)
        return {"reorder": reorder + lost, "up_to": up_to + lost}


def _best(site: SiteDemand) -> tuple[float, float]:
    best = zheng_federgruen(site.holding, site.shortage, site.fixed, site.interval, site.one_period, cover=site.cover_of_few)
    return best.reorder if site.fixed else best.up_to, best.up_to
