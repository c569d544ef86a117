"""What it takes to be trained: an agent with a method `learn`, a task, and somebody to report to.

Letters: T periods after warm-up, B episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from orderup.envs.authority.rewards import Reward
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import config_folder, load_autonomy
from orderup.envs.demand.stationary import Stationary
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Steps
from orderup.envs.foundation.yaml_files import read_yaml
from orderup.envs.information.policy import Context, Policy
from orderup.envs.outcome import outcome_of
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.seating import Seating
from orderup.envs.simulator import Ledger, Simulator

from ..base import Agent, agents
from ..make import make_agent
from ..team import seated
from .learnt import Learnt
from .stopwatch import Stopwatch

VALIDATION_SEED = 2**63
"""Of the episodes that training is watched on: neither training's own nor evaluation's."""
VALIDATION_EPISODES = 64
LARGEST_BATCH = 640
LARGEST_TRACE = 2**22
"""Numbers in the demand of a batch of validation's episodes (32 MB)."""
LARGEST_NETWORK = 2**26
"""Numbers of a network that is learnt (256 MB, and three times as much beside them)."""
LARGEST_UPDATE = 2**30
"""Numbers that are simulated or kept for one update."""
REFERENCE = "base_stock"
EXACT = "optimal"

Told: TypeAlias = Callable[[Simulator, Ledger], NDArray[np.float64]]
"""What is to be told of a period (…, B)."""
JSON: TypeAlias = Any
"""Plain data as JSON has it: null, truth values, numbers, text, lists, and mappings from text."""


class Diverged(ArithmeticError):
    """What is learnt, or what it costs, is no finite number any more: there is nothing to go on from but what was kept."""


@dataclass(frozen=True)
class Task:
    """What is to be learnt: to decide on a scenario under a level of autonomy."""

    scenario: Scenario
    autonomy: Autonomy
    seed: int

    def costs(self, policy: Policy | Learnt, episodes: int = VALIDATION_EPISODES, first: int = 0) -> NDArray[np.float64]:
        """What the network pays in each period after warm-up (T, B) [money], on validation's episodes from number `first` on.

        A policy fills the seats of every party, as when it is evaluated. Raises InputError where it cannot act.
        """
        return self._in_parts(policy, episodes, first, _of_network)

    def examined(self, learnt: Learnt) -> float:
        """The mean of `costs`. Raises Diverged where that is no finite number."""
        with np.errstate(all="ignore"):  # what runs away is told in words
            return _finite(float(self.costs(learnt).mean()))

    def examined_by_site(self, learnt: Learnt, reward: Reward) -> tuple[float, dict[str, float]]:
        """The same, and what each site that decides pays itself, by `own_costs`, a period. Raises Diverged likewise."""
        with np.errstate(all="ignore"):  # as above
            paid = self.own_costs(learnt, reward).mean(axis=-1).tolist()
        return _finite(paid[0]), dict(zip(self.site_seats, map(_finite, paid[1:]), strict=True))

    @property
    def site_seats(self) -> tuple[str, ...]:
        """The sites that decide something."""
        return tuple(Simulator(self.scenario, self.autonomy).site_seats)

    def own_costs(
        self, policy: Policy | Learnt, reward: Reward, episodes: int = VALIDATION_EPISODES, first: int = 0
    ) -> NDArray[np.float64]:
        """What the network pays a period, and then what each of S sites that decide does, in every episode (1 + S, B) [money].

        A site pays minus what it is rewarded with. Episodes as for `costs`.
        """

        def told(sim: Simulator, ledger: Ledger) -> NDArray[np.float64]:
            paid = np.broadcast_to(-reward.reward(outcome_of(sim, ledger.discounted)), ledger.by_site.shape)
            seats = [sim.numpy_network.sites.index(seat) for seat in sim.site_seats]
            return np.concatenate([ledger.discounted.cost[None], paid[seats]])

        found: NDArray[np.float64] = self._in_parts(policy, episodes, first, told).mean(axis=0)
        return found

    @property
    def _batch(self) -> int:
        """Episodes side by side: as many as are fast and fit."""
        numbers = self.scenario.horizon * len(self.scenario.customers) * len(self.scenario.products)
        return min(max(LARGEST_TRACE // numbers, 1), LARGEST_BATCH)

    def _in_parts(self, policy: Policy | Learnt, episodes: int, first: int, told: Told) -> NDArray[np.float64]:
        """What is told of each period after the warm-up (T, …, B), so many episodes at a time."""
        parts = range(first, first + episodes, self._batch)
        found = [self._played(policy, np.arange(at, min(at + self._batch, first + episodes)), told) for at in parts]
        return np.concatenate(found, axis=-1)

    def _played(self, policy: Policy | Learnt, numbers: NDArray[np.int64], told: Told) -> NDArray[np.float64]:
        sim = Simulator(self.scenario, self.autonomy, batch=numbers.size, split="validation")
        seating, costs = Seating(sim, seated(policy, sim)), []
        seating.reset(VALIDATION_SEED, numbers, policy_seed=int(numbers[0]))
        while not sim.done:
            costs.append(told(sim, sim.advance(seating.decisions())))
        return np.stack(costs)[self.scenario.warmup :]

    def reference(self, episodes: int = VALIDATION_EPISODES, first: int = 0) -> NDArray[np.float64] | None:
        """What the closed-form levels cost, as `costs`; None where they cannot act."""
        return self._costs_of(REFERENCE, episodes, first)

    def bound(self, episodes: int = VALIDATION_EPISODES, first: int = 0) -> NDArray[np.float64] | None:
        """What the exact optimum of a centre that knows all costs, as `costs`; None where the theory knows none.

        Nobody can do better at any autonomy level in the long run; on few episodes, or short ones, chance can.
        """
        known = all(isinstance(entry.demand, Stationary) for entry in self.scenario.customers)
        ideal = Task(self.scenario, load_autonomy("central_ideal"), self.seed)
        return ideal._costs_of(EXACT, episodes, first) if known else None

    def _costs_of(self, name: str, episodes: int, first: int) -> NDArray[np.float64] | None:
        try:
            return self.costs(make_agent(name), episodes, first)
        except InputError:
            return None


def _of_network(sim: Simulator, ledger: Ledger) -> NDArray[np.float64]:
    found: NDArray[np.float64] = ledger.discounted.cost
    return found


def _finite(cost: float) -> float:
    if not np.isfinite(cost):
        raise Diverged(f"what is learnt costs {cost} a period on validation's episodes")
    return cost


@dataclass(frozen=True, eq=False)
class TrainingState:
    """All that a training needs to go on as if it had never stopped: optimiser, random states, counters and so on."""

    tensors: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Of any dtype that safetensors holds."""
    rest: Mapping[str, JSON] = field(default_factory=dict)
    """Whole numbers of any size and floats come back as they were."""


class Journal(Protocol):
    """Who is told how learning goes, and asked whether it goes on."""

    state: TrainingState | None
    """Where the training that is resumed stood at its last checkpoint; None at a start."""
    clock: Stopwatch
    """For the learner to say what it is busy with."""

    def begin(self, learnt: Callable[[], Learnt], state: Callable[[], TrainingState]) -> None:
        """Before anything is learnt, or anything more; both give what there is whenever they are called.

        They are called within `begin` and `update` only, and when `learn` has returned.
        """
        ...

    def update(self, periods: int, metrics: Mapping[str, float]) -> bool:
        """After an update, `periods` having been simulated over all copies since the start, and whether to go on.

        The names of the metrics never change. Raises KeyboardInterrupt, after saving, when somebody has asked to stop, and
        Diverged where what is learnt costs no finite number.
        """
        ...


def check_size(key: str, found: object, numbers: int, most: int) -> None:
    """Raises InputError for what would not fit into memory."""
    if numbers > most:
        raise InputError(f"agent.{key}", found, f"fewer: {numbers:.2g} numbers at a time, where {most:.2g} are the most")


class Learner(Agent):
    """An agent that has to be trained before it can fill a seat. A key that is left out is as in configs/agents/<name>.yaml."""

    steps: Steps | None = Field(description="Periods to simulate, over all copies; null: as many as suit the network")
    examinations: Count = Field(20, description="How often it is tried on validation's episodes, and saved")
    patience: Count | None = Field(
        None, description="Examinations without a lower cost, or own cost that moves, before it stops"
    )
    keep_every: Steps | None = Field(None, description="Periods after which a checkpoint is kept for good")

    @model_validator(mode="before")
    @classmethod
    def _from_defaults(cls, given: Any) -> Any:
        path = config_folder("agents") / f"{agents.name_of(cls)}.yaml"
        return {**read_yaml(path), **given} if isinstance(given, Mapping) and path.is_file() else given

    @property
    def total(self) -> int:
        """Periods to simulate, which are known once the learner is `sized`."""
        if self.steps is None:
            raise InputError("agent.steps", None, "a number of periods")
        return self.steps

    def sized(self, task: Task) -> Learner:
        """The same learner with the keys filled in that are left to the size of the task."""
        return self

    def game(self, task: Task) -> Reward | None:
        """What each of several sites is paid for, where each learns for itself; None where all learn for one cost.

        A game has no best policy: what is judged is the last one, and whether anybody would leave it.
        """
        return None

    @property
    def deviation_periods(self) -> int:
        """Periods in which each site's best response to the others is looked for, once a game has been learnt; 0: none."""
        return 0

    def check(self, task: Task) -> None:
        """Raises InputError when the task cannot be learnt, before anything is on disk."""

    def learn(self, task: Task, journal: Journal) -> None:
        """Train on the task from its seed, or go on from the journal's state, until `steps` are done or the journal says stop.

        Bit for bit, one who goes on ends where one who never stopped does. Raises Diverged where numbers run away.
        """
        raise NotImplementedError

    def reset(self, context: Context) -> None:
        """Raises InputError: what has not been trained cannot act."""
        raise InputError(
            "agent", f"{agents.name_of(type(self))}, untrained", "a trained run: orderup train, then runs=[runs/<name>]"
        )
