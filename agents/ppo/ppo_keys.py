"""Proximal policy optimisation: the keys. The training is in `training_setup` and `stable_baselines`, which need PyTorch."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orderup.envs.authority.actions import Form
from orderup.envs.authority.rewards import Reward
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count

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
from ..networks.network_spec import Activation


class PPOKeys(Learner):
    """The keys of `ppo`, and what is wrong with them before anything is known of the task."""

    variant: Literal["auto", "central", "ippo", "mappo"] = Field(description="Whose policy, and what its critic sees")
    sharing: Sharing
    copies: Count = Field(description="Networks simulated side by side")
    n_steps: Count = Field(description="Periods of each between updates")
    minibatches: Count = Field(description="Parts that the data of an update are divided into")
    epochs: Count = Field(description="Passes over the data of an update")
    learning_rate: float = Field(gt=0, le=1e12, description="At the start, falling linearly")
    gamma: float = Field(ge=0, le=1, description="Worth of the next period's reward")
    gae_lambda: float = Field(ge=0, le=1, description="Of the generalised advantage estimation")
    clip: float = Field(gt=0, description="How far an update may move a probability")
    entropy: float = Field(ge=0, description="Weight of the entropy bonus")
    average: float = Field(ge=0, le=1, description="Part of all updates that the policy kept is the mean of; 0: the last alone")
    normalise: bool = Field(description="Whether observations are centred and scaled by what has been seen")
    paired: bool = Field(description="Whether rewards are savings against the start's decisions in the same episodes")
    start: AgentKeys | None = Field(
        description="The agent whose levels learning starts from; universal: its decisions, as residual_of; null: usual levels"
    )
    residual_of: ResidualOf
    planner: AgentKeys | None = Field(description="An agent for the planner's seat; null: it learns with the sites")
    sites: AgentKeys | None = Field(description="An agent for the sites; null: they learn")
    whole: Rounding
    initial_std: float = Field(gt=0, description="Of actions, at the start")
    hidden: HiddenLayers
    memory: MemoryUnits
    activation: Activation
    reward: RewardKeys
    deviation_steps: DeviationSteps
    actions: Form = Field(description="What the numbers it sets mean")

    @model_validator(mode="before")
    @classmethod
    def _goes_on_from_all_of_it(cls, keys: Any) -> Any:
        return universal_is_corrected(keys)

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.copies * self.n_steps % self.minibatches:
            wanted = f"a number that divides copies × n_steps = {self.copies * self.n_steps}"
            raise InputError("minibatches", self.minibatches, wanted)
        if self.memory and self.copies % self.minibatches:
            wanted = f"a number that divides copies = {self.copies}, which are learnt from as wholes where there is a memory"
            raise InputError("minibatches", self.minibatches, wanted)
        return self

    def game(self, task: Task) -> Reward | None:
        """What each site is paid for, where they learn and each for itself."""
        return game_of(self.reward, task, self.sites is None)

    @property
    def deviation_periods(self) -> int:
        """As the key says, or a tenth of the steps."""
        return self.total // 10 if self.deviation_steps is None else self.deviation_steps
