"""Order the same in every period."""

from __future__ import annotations

from contextlib import suppress

from pydantic import Field

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network

from ..base import agents
from ..exact.constant_order import best_constant_order, diffusion_order
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand, each_main_lane


@agents.register("constant_order")
class ConstantOrder(Rule):
    """The same quantity by every site's main lane in every period, whatever happens.

    In closed form the best one where sales are lost, which no policy beats in the limit of long lead times (Goldberg et al.,
    Mathematics of Operations Research 41, 2016). Where customers wait any constant order drifts away from demand for ever:
    there it has to be given.
    """

    names = ("order",)
    known = frozenset({"lost"})
    order: Amounts = Field(None, description="Ordered in every period [units]; left out: in closed form, where sales are lost")

    def act(self, information: Information) -> Decision:
        """As always."""
        return self.to_quantities(self._number["order"])

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The best where sales are lost."""
        if self.order is None and (network.fulfilment.backlogged is None or network.fulfilment.backlogged.any()):
            found = f"nothing, on {network.scenario.name}, where unmet demand waits"
            raise InputError("agent.order", found, "an order for every site, or a network whose sales are all lost")
        if self.order is not None and not isinstance(self.order, dict):
            return {"order": network.usual_level * 0.0}
        return {"order": each_main_lane(network, wait, self._best)[0]}

    def _best(self, site: SiteDemand) -> tuple[float]:
        step, demand = site.one_period.step, site.in_steps
        for grain in (0.1, 1.0) if step == 1.0 else (1.0,):
            with suppress(InputError):  # too many points
                return (best_constant_order(demand.holding, demand.shortage, demand.one_period, grain).order * step,)
        self.note("its order is that of the heavy-traffic limit, demand being too large for single units")
        return (diffusion_order(demand.holding, demand.shortage, demand.one_period) * step,)
