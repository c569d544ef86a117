"""Lots planned once for demand that is known beforehand, and ordered as planned.

Letters: B batch, T periods.
"""

from __future__ import annotations

import numpy as np
from pydantic import PrivateAttr

from orderup.envs.demand import DemandProcess
from orderup.envs.demand.series import Replay, Seasonal, Step
from orderup.envs.demand.stationary import Constant
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_float64
from orderup.envs.numerics.backend import Backend
from orderup.envs.trace.trace import draw_trace

from ..base import Agent, agents
from ..exact.scope import PLAIN, check_scope
from ..exact.wagner_whitin import wagner_whitin
from ..levels.base_stock import periods_ahead, waiting_time

WANTED = (
    "one store of one product whose customers wait, supplied from outside by one lane of fixed lead time, and demand that is "
    "known beforehand: constant, replay, step, or seasonal of a constant"
)


@agents.register("wagner_whitin")
class WagnerWhitin(Agent):
    """Order the lots that cost least for demand that is known beforehand, planned for a horizon of the scenario's at a time.

    The exact optimum of what orders of those periods reach, all of it to be served (Wagner and Whitin 1958, with backlog by
    Zangwill 1969); what is there and under way at the start is used first.
    """

    _plan: Floats = PrivateAttr()
    _network: Network = PrivateAttr()
    _backend: Backend = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Look whether demand is known. Raises InputError where it is not known, or there is more than theory has."""
        network = self._network = context.network
        check_scope(network.scenario, "agent", "wagner_whitin", PLAIN)
        if waiting_time(context) or periods_ahead(context):
            raise InputError("agent", f"wagner_whitin at {context.autonomy.name}", "an autonomy level without delays")
        plain = not (network.times.is_random.any() or network.times.is_delayed or network.fulfilment.backlogged is not None)
        if network.topology.shape != (1, 1, 1, 1) or not plain:
            raise InputError("agent", f"wagner_whitin on {network.scenario.name}", WANTED)
        entry = network.scenario.customers[0]
        if not _is_known(entry.demand.at(entry.site)):
            raise InputError("agent", f"wagner_whitin on {network.scenario.name}, demand that is not known", WANTED)
        self._backend, self._plan = context.backend, np.zeros((0, context.batch))

    def act(self, information: Information) -> Decision:
        """The planned order."""
        horizon = self._network.scenario.horizon
        row = information.period % horizon
        if row == 0:
            self._plan = self._planned(information)
        return Decision(quantity=self._backend.asarray(self._plan[row][:, None, None]))

    def _planned(self, information: Information) -> Floats:
        """Orders (T, B) of the periods from now on."""
        network, now = self._network, information.period
        until = now + network.scenario.horizon + int(network.times.lead_time[0])
        demand = np.asarray(draw_trace(network, Backend("numpy"), 0, np.arange(1), until).demand)[now:, 0, 0, 0]
        stock = in_float64(information.own("on_hand") - information.own("backlog"))[:, 0, 0]
        coming = in_float64(information.own("pipeline"))[:, 0].reshape(len(stock), -1)[:, ::-1]
        states, which = np.unique(np.column_stack([stock, coming]), axis=0, return_inverse=True)
        plans = [_of_state(network, state, demand) for state in states]
        return np.stack(plans, axis=1)[:, which.reshape(-1)]


def _of_state(network: Network, state: Floats, demand: Floats) -> Floats:
    """Orders (T,) from net stock and what arrives in the periods from now on."""
    there = np.zeros(len(demand))
    there[0] = state[0]
    there[: len(state) - 1] += state[1:]
    short = np.maximum(np.cumsum(demand) - np.cumsum(there), 0.0)
    late = np.diff(short[int(network.times.lead_time[0]) :], prepend=0.0)
    rates = (
        float(network.costs.holding[0, 0, 0]),
        network.costs.fixed_cost[0, 0, 0],
        late,
        float(network.costs.shortage[0, 0, 0]),
    )
    return wagner_whitin(*rates).orders


def _is_known(process: DemandProcess) -> bool:
    base = process.base if isinstance(process, Seasonal) else process
    return isinstance(base, (Constant, Replay, Step))
