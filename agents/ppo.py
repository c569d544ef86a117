"""Proximal policy optimisation: the keys. The training is in `ppo_workshop` and `stable_baselines`, which need PyTorch."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from orderup.envs.actions import Form
from orderup.envs.errors import InputError
from orderup.envs.rewards import share_of_team
from orderup.envs.validation import Count, Hidden

from .base import agents
from .learner import LARGEST_NETWORK, LARGEST_UPDATE, Journal, Learner, Task, check_size
from .network_spec import Activation


@agents.register("ppo")
class PPO(Learner):
    """Stable-Baselines3's PPO: the sites learn (IPPO, or MAPPO with a critic that sees all), or a planner for all of them."""

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
    def _divides(self) -> PPO:
        if self.copies * self.n_steps % self.minibatches:
            wanted = f"a number that divides copies × n_steps = {self.copies * self.n_steps}"
            raise InputError("minibatches", self.minibatches, wanted)
        return self

    def check(self, task: Task) -> None:
        """Raises InputError where nobody is left to learn, and for a key that means nothing at the level."""
        from .ppo_workshop import Workshop

        workshop = Workshop(self, task, copies=1)
        row = workshop.shape.local + workshop.shape.state
        check_size("n_steps", self.n_steps, self.n_steps * self.copies * row, LARGEST_UPDATE)
        check_size("hidden", self.hidden, workshop.spec.size, LARGEST_NETWORK)
        workshop.start()

    def learn(self, task: Task, journal: Journal) -> None:
        """Train in this process, with one thread."""
        from .ppo_workshop import learn

        learn(self, task, journal)
