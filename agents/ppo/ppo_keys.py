"""Proximal policy optimisation: the keys. The training is in `ppo_workshop` and `stable_baselines`, which need PyTorch."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from orderup.envs.authority.actions import Form
from orderup.envs.authority.rewards import share_of_team
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Hidden

from ..learning.learner import Learner
from ..networks.network_spec import Activation


class PPOKeys(Learner):
    """The keys of `ppo`, and what is wrong with them before anything is known of the task."""

    variant: Literal["auto", "central", "ippo", "mappo"] = Field(description="Whose policy, and what its critic sees")
    sharing: Literal["all", "role", "site"] = Field(description="Which sites have a network in common")
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
    start: str | dict[str, Any] | None = Field(description="The agent whose levels learning starts from; null: usual levels")
    residual_of: str | dict[str, Any] | None = Field(description="An agent whose decisions are corrected, in place of levels")
    planner: str | dict[str, Any] | None = Field(description="An agent for the planner's seat while the sites learn")
    sites: str | dict[str, Any] | None = Field(description="An agent for the sites' seats while the planner learns")
    whole: bool | None = Field(description="Round to whole units when used; null: where demand and stock come in whole units")
    initial_std: float = Field(gt=0, description="Of actions, at the start")
    hidden: Hidden = Field(description="Units of each hidden layer")
    activation: Activation
    reward: str | float = Field(description="own, team, or the team's share from 0 to 1")
    actions: Form = Field(description="What the numbers it sets mean")

    @field_validator("reward")
    @classmethod
    def _known_reward(cls, reward: str | float) -> str | float:
        try:
            share_of_team(reward)
        except InputError as error:
            raise InputError("", error.found, "own, team, or the team's share from 0 to 1") from None
        return reward

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.copies * self.n_steps % self.minibatches:
            wanted = f"a number that divides copies × n_steps = {self.copies * self.n_steps}"
            raise InputError("minibatches", self.minibatches, wanted)
        return self
