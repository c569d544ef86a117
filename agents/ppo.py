"""Proximal policy optimisation: the keys. The training itself is in `stable_baselines`, which needs PyTorch."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from orderup.envs.actions import Form
from orderup.envs.errors import InputError
from orderup.envs.rewards import share_of_team

from .base import agents
from .learner import Journal, Learner, Task
from .network_policy import Activation

Count = Annotated[int, Field(gt=0, strict=True)]


@agents.register("ppo")
class PPO(Learner):
    """Stable-Baselines3's PPO: one policy shared by all sites (IPPO), or a planner's for the whole network."""

    copies: Count = Field(description="Networks simulated side by side")
    n_steps: Count = Field(description="Periods of each between updates")
    minibatches: Count = Field(description="Parts that the data of an update are divided into")
    epochs: Count = Field(description="Passes over the data of an update")
    learning_rate: float = Field(gt=0, description="At the start, falling linearly")
    gamma: float = Field(ge=0, le=1, description="Worth of the next period's reward")
    gae_lambda: float = Field(ge=0, le=1, description="Of the generalised advantage estimation")
    clip: float = Field(gt=0, description="How far an update may move a probability")
    entropy: float = Field(ge=0, description="Weight of the entropy bonus")
    initial_std: float = Field(gt=0, description="Of actions, at the start")
    hidden: list[Count] = Field(description="Units of each hidden layer")
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
        """Raises InputError where no row of the environment is a seat, or rows would differ in length."""
        from .stable_baselines import environment_of

        environment_of(self, task, copies=1)

    def learn(self, task: Task, journal: Journal) -> None:
        """Train in this process, with one thread."""
        from .stable_baselines import learn

        learn(self, task, journal)
