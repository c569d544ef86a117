"""Networks trained by backpropagation through the simulator: the keys, and what they make of a task."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from orderup.envs.authority.rewards import Reward
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Width

from ..learning.learner import Learner, Task
from ..learning.network_keys import (
    AgentKeys,
    DeviationSteps,
    HiddenLayers,
    MemoryUnits,
    ResidualOf,
    RewardKeys,
    Rounding,
    Sharing,
    game_of,
    universal_is_corrected,
)
from ..networks.network_spec import Activation, Form

STEPS, COPIES, FEWEST_COPIES = 12_000_000, 512, 64
"""Periods over all copies, and copies, that suit a plain network: a minute or two on one core."""
PLAIN = 8
"""Lanes × products of such a network; a larger one gets less of both."""


class PathwiseKeys(Learner):
    """The keys of `pathwise`, and what is wrong with them before anything is known of the task."""

    copies: Count | None = Field(description="Episodes simulated side by side, afresh in every update; null: 512, or fewer")
    periods: Count | None = Field(description="Of each episode that count; null: the scenario's after its warm-up, at most 60")
    learning_rate: float = Field(gt=0, le=1e12, description="At the start, falling to 0 as half a cosine")
    clip: float = Field(gt=0, description="Longest gradient that is followed whole, cost being in units of the start's")
    network: bool = Field(
        description="Whether there is a network; false: a constant for each lane and product, whatever is seen"
    )
    hidden: HiddenLayers
    activation: Activation
    window: Width = Field(description="How many of the latest observations are read together")
    memory: MemoryUnits
    sharing: Sharing
    by_product: bool | None = Field(
        description="Whether each product goes through the network by itself; null: unless goods are made"
    )
    actions: Form = Field(description="level, quantity, or, for a centre that orders, allocation")
    gated: bool = Field(description="With quantities: whether to order at all is decided by itself")
    whole: Rounding
    reward: RewardKeys
    deviation_steps: DeviationSteps
    smoothing: float = Field(gt=0, description="Size of order that learning takes to pay most of a fixed cost [usual amounts]")
    start: AgentKeys = Field(
        description="The agent whose levels learning starts from; universal: its decisions, as residual_of; "
        "{run: …}: silo sites' networks, for a planner or sites that see more"
    )
    residual_of: ResidualOf
    planner: AgentKeys | None = Field(description="An agent for the planner's seat; null: it learns with the sites")
    sites: AgentKeys | None = Field(description="An agent for the sites; null: they learn")
    device: str = Field(description="Where to train: cpu, cuda, …")
    compiled: bool = Field(False, description="Whether periods are recorded programs, which needs orderup[compiled]")

    @model_validator(mode="before")
    @classmethod
    def _goes_on_from_all_of_it(cls, keys: Any) -> Any:
        return universal_is_corrected(keys)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.gated and self.actions != "quantity":
            raise InputError("gated", f"actions {self.actions}", "actions=quantity")
        if self.residual_of is not None and self.actions == "allocation":
            raise InputError("residual_of", "actions allocation", "actions=level or quantity")
        if self.from_run is not None:
            self._check_starts_as_the_run()
        if not self.network and (self.memory or self.window > 1 or self.gated):
            key = "memory" if self.memory else "gated" if self.gated else "window"
            raise InputError(key, getattr(self, key), "nothing with network=false, which reads nothing")
        return self

    def game(self, task: Task) -> Reward | None:
        """What each site is paid for, where they learn and each for itself."""
        return game_of(self.reward, task, self.sites is None)

    @property
    def deviation_periods(self) -> int:
        """As the key says, or a tenth of the steps."""
        return self.total // 10 if self.deviation_steps is None else self.deviation_steps

    def _check_starts_as_the_run(self) -> None:
        if self.residual_of is not None:
            raise InputError("residual_of", "start.run beside it", "one of the two: either is what is corrected")
        if self.actions == "allocation" or self.gated:
            raise InputError(
                "start.run", "gated" if self.gated else "actions allocation", "actions=level or quantity, gated=false"
            )

    @property
    def from_run(self) -> dict[str, Any] | None:
        """The run that learning starts from, {run: runs/…}; None for an agent by its keys."""
        return self.start if isinstance(self.start, dict) and "run" in self.start and "type" not in self.start else None

    @property
    def may_start_from_sites(self) -> bool:
        """Whether its other keys leave it to start from a run of silo sites."""
        corrects = self.residual_of is not None or self.actions == "allocation" or self.gated
        return not corrects and self.planner is None and self.sites is None and self.from_run is None

    def sized(self, task: Task) -> Self:
        """Fewer copies, and so fewer periods, of networks with many lanes and products: an update's time grows with these."""
        lanes = len(task.scenario.lanes) * len(task.scenario.products)
        share = min(PLAIN / lanes, 1.0)
        copies = self.copies or max(int(COPIES * share), FEWEST_COPIES)
        return self.model_copy(update={"copies": copies, "steps": self.steps or int(STEPS * share)})
