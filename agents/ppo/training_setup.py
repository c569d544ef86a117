"""From the keys of `ppo` and a task to a training: who learns, by which networks, and who else is at the table.

Letters: S seats, A length of an action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from orderup.envs.api.open_seats import OpenSeats
from orderup.envs.api.seats import Seats
from orderup.envs.authority.rewards import reward_to_learn
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Party, Simulator

from ..learning.learner import Journal, Task
from ..learning.learnt import Learnt, Member
from ..learning.network_keys import check_parties, first_levels, given_agent, keys_of, networks_of, rounds
from ..learning.one_thread import one_thread
from ..networks.network_policy import NetworkPolicy, observation_layout
from ..networks.network_spec import NetworkSpec
from .ppo_keys import PPOKeys
from .shape import PartyShape, Shape
from .stable_baselines import SeatsPPO
from .training_copies import TrainingCopies, Twin

FURTHEST = 0.9
"""Of the first actions from 0: those beyond 1 are clipped, and so tell nothing."""


class PPOSetup:
    """Everything that is worked out before learning. Raises InputError where nobody is left to learn, and so on."""

    def __init__(self, settings: PPOKeys, task: Task, copies: int) -> None:
        self.settings, self.task, self.copies = settings, task, copies
        self.learn, self.given = _parties(settings, task)
        _check_reward(settings, self.learn)
        self.residual = keys_of(settings.residual_of)
        self.seats = self.simulated()
        self._try_out()
        self.central = _critics_see_all(settings, self.learn, task)
        self.specs = {view.party: self._spec(view) for view in self.seats.views}

    def simulated(self) -> Seats:
        """The copies, those of all who do not learn being at the table."""
        settings, residual = self.settings, self.residual
        return Seats(
            self.task.scenario,
            self.task.autonomy,
            batch=self.copies,
            reward=settings.reward,
            actions=settings.actions,
            seats={party: given_agent(keys, f"agent.{party}") for party, keys in self.given.items()},
            residual_of=None if residual is None else given_agent(residual, "agent.residual_of"),
        )

    def _spec(self, view: OpenSeats) -> NetworkSpec:
        settings = self.settings
        return NetworkSpec(
            observation=observation_layout(view.observer),
            action=view.actions.size,
            form=settings.actions,
            hidden=settings.hidden,
            activation=settings.activation,
            groups=self._groups(view),
            memory=settings.memory,
            constants=len(view.names),
            normalised=settings.normalise,
            whole=rounds(settings.whole if self.residual is None else settings.whole or False, self.task.scenario),
            residual_of=self.residual,
        )

    @property
    def shape(self) -> Shape:
        """What is read and set in one copy."""
        parties = {
            party: PartyShape(spec.constants, len(spec.observation), spec.action, tuple(spec.groups))
            for party, spec in self.specs.items()
        }
        return Shape(parties, self.seats.state().shape[1] if self.central else 0)

    def learnt(self, tensors: Mapping[str, NDArray[np.float32]]) -> Learnt:
        """All that decide, ready to be evaluated, by tensors with the names `party/tensor`."""
        members: dict[Party, Member] = dict(self.given)
        for party, spec in self.specs.items():
            own = {name.partition("/")[2]: values for name, values in tensors.items() if name.startswith(f"{party}/")}
            members[party] = NetworkPolicy(spec, own)
        return Learnt(members.get("sites"), members.get("planner"))

    def start(self) -> dict[Party, NDArray[np.float32]]:
        """What the seats of each party do at first (S, A): the levels of the agent to start from, in their units."""
        return {view.party: self._start(view) for view in self.seats.views}

    def _start(self, view: OpenSeats) -> NDArray[np.float32]:
        settings, spec = self.settings, self.specs[view.party]
        corrects = settings.residual_of is not None or view.actions.width is not None
        if settings.start is None or corrects or settings.actions != "level":
            return np.zeros((spec.constants, spec.action), np.float32)
        level = first_levels(settings.start, self.seats.simulator, view.party)
        actions: NDArray[np.float32] = view.actions.actions_for(level).clip(-FURTHEST, FURTHEST).astype(np.float32)
        return actions

    def twin(self, start: Mapping[Party, NDArray[np.float32]]) -> Twin | None:
        """The same episodes under the start; None where that is not wanted, or usual orders would not follow demand."""
        follows = self.settings.actions == "level" or self.residual is not None
        return Twin(self.simulated(), start) if self.settings.paired and follows else None

    def _try_out(self) -> None:
        """One period, in which everybody says if he cannot act here, and back to its start."""
        seats = self.seats
        seats.reset(self.task.seed)
        shapes = {view.party: (self.copies, len(view.names), view.width) for view in seats.views}
        seats.step({party: np.zeros(shape, np.float32) for party, shape in shapes.items()})
        seats.reset(self.task.seed)

    def _groups(self, view: OpenSeats) -> list[int]:
        """Which network each seat has (S,); none for one that all share, if only since they are all of one role."""
        sharing = self.settings.sharing if self.settings.game(self.task) is None else "site"
        groups = networks_of(view.names, self.task.scenario, sharing)
        return groups if any(groups) else []


def learn(settings: PPOKeys, task: Task, journal: Journal) -> None:
    """Train a policy; the process's threads and global random numbers are afterwards as they were."""
    with _alone(task.seed):
        setup = PPOSetup(settings, task, settings.copies)
        start = setup.start()
        copies = TrainingCopies(setup.seats, setup.shape, journal.clock, setup.twin(start))
        model = SeatsPPO(settings, copies, journal, start)
        if journal.state is None:
            model.begin(task.seed, task.costs(setup.learnt(model.average.values)))
        else:
            model.restore(journal.state, task.seed)
        journal.begin(lambda: setup.learnt(model.average.values), model.state)
        model.run()


def _parties(settings: PPOKeys, task: Task) -> tuple[list[Party], dict[Party, dict[str, Any]]]:
    """Who learns, and the keys of the agents in the other seats. Raises InputError for a key that means nothing here."""
    autonomy = Simulator(task.scenario, task.autonomy).autonomy
    given: dict[Party, dict[str, Any] | None] = {"sites": keys_of(settings.sites), "planner": keys_of(settings.planner)}
    check_parties({"sites": settings.sites, "planner": settings.planner}, autonomy)
    decide: dict[Party, bool] = {"sites": autonomy.has_sites, "planner": autonomy.has_planner}
    if learn := [party for party, there in decide.items() if there and given[party] is None]:
        return learn, {party: keys for party, keys in given.items() if keys is not None}
    if autonomy.has_sites:
        raise InputError("agent.sites", settings.sites, "nothing: somebody has to learn")
    raise InputError("agent.planner", settings.planner, f"nothing at {autonomy.name}, where the planner alone learns")


def _check_reward(settings: PPOKeys, learn: Sequence[Party]) -> None:
    """Raises InputError where a planner learns for all and the sites beside him each for itself."""
    if len(learn) > 1 and reward_to_learn(settings.reward).team_share < 1.0:
        raise InputError("agent.reward", settings.reward, "team, unless sites alone learn: give the planner's seat to an agent")


def _critics_see_all(settings: PPOKeys, learn: Sequence[Party], task: Task) -> bool:
    """Whether critics read the state. Raises InputError for a variant that those who learn cannot have."""
    sites = "sites" in learn
    possible = ("auto", "ippo", "mappo") if sites else ("auto", "central")
    if settings.variant not in possible:
        wanted = (
            f"{' or '.join(possible)} at {task.autonomy.name}, where the {' and the '.join(learn)} learn{'' if sites else 's'}"
        )
        raise InputError("agent.variant", settings.variant, wanted)
    return sites and settings.variant != "ippo"


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """One thread, and PyTorch's generator by this seed; both are given back as they were. SB3 asks no other one."""
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
