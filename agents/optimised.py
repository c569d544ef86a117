"""Order-up-to levels optimised by simulation: gradients of the cost through whole episodes, at any level of autonomy.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from orderup.envs.arrays import Array
from orderup.envs.autonomy import PLANNER, VISIBILITIES, Autonomy
from orderup.envs.information import Information
from orderup.envs.policy import Context, Decision, Decisions
from orderup.envs.schema import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.trace import FIRST_HELD_OUT_SEED

from .base import Agent, agents
from .base_stock import waiting_time
from .downstream import CustomersBelow
from .levels import installation_levels


@agents.register("optimised_base_stock")
class OptimisedBaseStock(Agent):
    """Constant levels that cost least in simulated episodes of the level of autonomy; with `forecast`, levels that move.

    A moving level rises by a gain, optimised too, for every unit by which the latest demand that the seat knows is above its
    mean: a site's own customers and the orders it received, or, where everybody's books are open, the customers' demand
    downstream of it, as old as the feed. Fitted once for a scenario and a level, by Adam on episodes of `seed`, from the
    closed-form levels.
    """

    forecast: bool = Field(False, description="Let levels follow the latest demand known")
    iterations: int = Field(100, ge=1, description="Steps of the search")
    episodes: int = Field(64, ge=1, description="Episodes whose mean cost is minimised, the same in every step")
    periods: int = Field(80, ge=2, description="Periods of each, the first fifth of them left out")
    rate: float = Field(0.05, gt=0, description="First step size, in usual levels")
    seed: int = Field(0, ge=0, lt=FIRST_HELD_OUT_SEED, description="Seed of the training episodes")
    _fitted: _Parameters = PrivateAttr()
    _rule: _Rule = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Fit, unless that has been done for this scenario and level."""
        self._fitted = _fit(_Task(context.network.scenario, context.autonomy, self))
        self._rule = _Rule(context, self.forecast)

    def act(self, information: Information) -> Decision:
        """The levels, as the latest demand has them."""
        return self._rule.decide(information, self._fitted.level, self._fitted.gain)


@dataclass(frozen=True)
class _Parameters:
    """Levels and gains (L, K)."""

    level: NDArray[np.float64]
    gain: NDArray[np.float64]


@dataclass(frozen=True)
class _Task:
    scenario: Scenario
    autonomy: Autonomy
    settings: OptimisedBaseStock

    def __hash__(self) -> int:
        return hash((self.scenario.name, self.autonomy.name))

    def __eq__(self, other: object) -> bool:
        mine = (self.scenario, self.autonomy, self.settings.model_dump())
        return isinstance(other, _Task) and mine == (other.scenario, other.autonomy, other.settings.model_dump())


class _Rule:
    """How levels and gains become a decision in one context."""

    def __init__(self, context: Context, forecast: bool) -> None:
        network, self._backend, self._forecast = context.network, context.backend, forecast
        visibility = context.autonomy.planner_visibility if context.seats == (PLANNER,) else context.autonomy.visibility
        self._open_books = VISIBILITIES.index(visibility) >= VISIBILITIES.index("shared")
        self._below = CustomersBelow(network)
        self._mean = context.backend.asarray(network.mean[None, :, :, 0])
        self._destination = context.backend.asarray(network.destination)

    def decide(self, information: Information, level: Any, gain: Any) -> Decision:
        """Levels (L, K) moved by gains (L, K)."""
        level = self._backend.asarray(level)[None]
        if not self._forecast or information.period == information.age:
            return Decision(level=level)
        above = (self._latest(information) - self._mean)[:, self._destination]
        return Decision(level=level + self._backend.asarray(gain)[None] * above)

    def _latest(self, information: Information) -> Array:
        """The latest demand on each site that its seat knows (B, N, K)."""
        if not self._open_books:
            return information.own("demand") + information.own("received_orders")
        return self._below.demand(information)


@lru_cache(maxsize=64)
def _fit(task: _Task) -> _Parameters:
    """Minimise the mean cost of a period over levels and gains."""
    import torch

    torch.set_num_threads(1)
    settings = task.settings
    simulator = Simulator(
        task.scenario, task.autonomy, batch=settings.episodes, horizon=settings.periods, backend="torch", dtype="float32"
    )
    simulator.reset(settings.seed)
    trace = simulator.trace
    assert trace is not None
    parties = [party for party in ("sites", "planner") if getattr(task.autonomy, f"has_{party}")]
    contexts = {party: simulator.context(party=party) for party in parties}  # type: ignore[arg-type] # literals
    rules = {party: _Rule(context, settings.forecast) for party, context in contexts.items()}
    start = installation_levels(simulator.plan, wait=max(waiting_time(context) for context in contexts.values()))
    scale = np.maximum(start, simulator.plan.mean[simulator.plan.destination, :, 0]) + 1e-9
    # in units of a usual level, so that one step size suits all
    level = torch.tensor(start / scale, dtype=torch.float32, requires_grad=True)
    gain = torch.zeros_like(level, requires_grad=True)
    search = torch.optim.Adam([level, gain], lr=settings.rate)
    cooling = torch.optim.lr_scheduler.CosineAnnealingLR(search, settings.iterations)
    unit = torch.tensor(scale, dtype=torch.float32)
    for _ in range(settings.iterations):
        simulator.replay(trace)
        cost, first = torch.zeros(()), settings.periods // 5
        while not simulator.done:
            chosen = {
                party: rules[party].decide(simulator.information_of(party), level.clamp_min(0) * unit, 10.0 * gain)  # type: ignore[arg-type] # literals
                for party in parties
            }
            ledger = simulator.advance(Decisions(**chosen))
            if simulator.now.period > first:
                cost = cost + ledger.cost.mean()
        search.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call] # PyTorch leaves it without types
        search.step()
        cooling.step()
    with torch.no_grad():
        return _Parameters((level.clamp_min(0) * unit).numpy().astype(float), (10.0 * gain).numpy().astype(float))
