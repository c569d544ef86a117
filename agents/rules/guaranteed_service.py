"""Safety stock where it is cheapest: order-up-to levels by the guaranteed-service model."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network

from ..base import agents
from ..levels.covering import replaced_losses
from .fitted import Numbers
from .rule import Amounts, Rule
from .service_stages import Placement, placements


@agents.register("guaranteed_service")
class GuaranteedService(Rule):
    """Every site covers a bound on the demand of so many periods, by the service times whose safety stock costs least.

    A site that quotes a service time S, and whose source quotes it SI, covers SI + ℓ + 1 − S periods (one with S = SI + ℓ + 1
    keeps nothing); customers are served at once, or as late as their `promise` allows. Which site quotes which is the optimum
    of a dynamic program on trees of main lanes and recipes (Graves and Willems, Manufacturing & Service Operations Management
    2, 2000). Levels are the bounds; what exceeds mean demand in them is safety stock, whose holding alone is weighed.
    """

    names = ("up_to",)
    dates_ahead = False
    known = frozenset({"promise"})
    service: float | None = Field(
        None, gt=0, lt=1, description="Chance that demand keeps within its bound; left out: b/(b+h) of the customers below"
    )
    up_to: Amounts = Field(None, description="The order-up-to level [units]; left out: by the model")
    _wait: int = PrivateAttr(default=0)

    def act(self, information: Information) -> Decision:
        """The same levels in every period."""
        return self.to_levels(self._number["up_to"] + 0.0 * self.position(information), information)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The bounds on demand of the periods that each site covers."""
        self._wait, level = wait, np.zeros((len(network.lanes), len(network.products)))
        for placement in placements(network, wait, self.service):
            level[placement.lanes, [product for _, product in placement.items]] = placement.levels
        return {"up_to": level + replaced_losses(network)}

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What the model does not know of."""
        said, network = list(super().caveats(context)), context.network
        if self.free and network.times.is_random.any():
            said.append("its service times take drawn lead times at their longest")
        if self.free and (late := _late_to_several(network, placements(network, self._wait, self.service))):
            said.append(f"{', '.join(late)} should deliver by who asked first, and divides by its rationing rule")
        return tuple(said)


def _late_to_several(network: Network, found: Iterable[Placement]) -> list[str]:
    """The sites that are to deliver something late, and to more than one, and do not go by who asked first."""
    late = {
        site
        for one in found
        for (site, _), out, several in zip(one.items, one.times.outgoing, one.several, strict=True)
        if out > 0 and several
    }
    names = [network.sites[site] for site in sorted(late)]
    return [name for name in names if network.scenario.sites[name].rationing != "first_come"]
