"""From the keys of `ppo` and a task to a training: who learns, by which networks, and who else is at the table.

Letters: S seats, L lanes, K products, A length of an action.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from orderup.envs.api.vector import VectorNetwork
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Party, Simulator

from ..learning.learner import Journal, Task
from ..learning.learnt import Learnt, Member
from ..learning.network_keys import check_parties, first_levels, given_agent, keys_of, networks_of, rounds
from ..learning.one_thread import one_thread
from ..networks.network_policy import NetworkPolicy, observation_layout
from ..networks.network_spec import NetworkSpec
from .actor_critic import Shape
from .ppo_keys import PPOKeys
from .stable_baselines import SeatsPPO
from .training_copies import TrainingCopies

USUAL_PLANNER = "base_stock"
"""Who plans where the sites learn and nobody was named: its levels suit every network at every autonomy level."""
FURTHEST = 0.9
"""Of the first actions from 0: those beyond 1 are clipped, and so tell nothing."""


class PPOSetup:
    """Everything that is worked out before learning. Raises InputError where nobody is left to learn, and so on."""

    def __init__(self, settings: PPOKeys, task: Task, copies: int) -> None:
        self.settings, self.task = settings, task
        self.party, self.given = _parties(settings, task)
        residual = keys_of(settings.residual_of)
        self.network = VectorNetwork(
            task.scenario,
            task.autonomy,
            copies,
            reward=settings.reward,
            actions=settings.actions,
            seats={party: given_agent(keys, f"agent.{party}") for party, keys in self.given.items()},
            residual_of=None if residual is None else given_agent(residual, "agent.residual_of"),
        )
        self._try_out()
        view = self.network.view
        self.central = _critic_sees_all(settings, self.party, task)
        self.spec = NetworkSpec(
            observation=observation_layout(view.observer),
            action=view.actions.size,
            form=settings.actions,
            hidden=settings.hidden,
            activation=settings.activation,
            groups=self._groups(),
            constants=len(view.names),
            normalised=settings.normalise,
            whole=rounds(settings.whole if residual is None else settings.whole or False, task.scenario),
            residual_of=residual,
        )

    @property
    def shape(self) -> Shape:
        """What is read and set in one copy."""
        spec, state = self.spec, self.network.state().shape[1] if self.central else 0
        return Shape(spec.constants, len(spec.observation), spec.action, state, tuple(spec.groups))

    def learnt(self, tensors: dict[str, NDArray[np.float32]]) -> Learnt:
        """All that decide, ready to be evaluated."""
        members: dict[Party, Member] = {self.party: NetworkPolicy(self.spec, tensors), **self.given}
        return Learnt(members.get("sites"), members.get("planner"))

    def start(self) -> NDArray[np.float32]:
        """What the seats do at first (S, A): the levels of the agent to start from, in their units."""
        view, settings = self.network.view, self.settings
        corrects = settings.residual_of is not None or view.actions.width is not None
        if settings.start is None or corrects or settings.actions != "level":
            return np.zeros((self.spec.constants, self.spec.action), np.float32)
        level = first_levels(settings.start, self.network.seats.simulator, self.party)
        actions: NDArray[np.float32] = view.actions.actions_for(level).clip(-FURTHEST, FURTHEST).astype(np.float32)
        return actions

    def _try_out(self) -> None:
        """One period, in which everybody says if he cannot act here, and back to its start."""
        network = self.network
        network.seed(self.task.seed)
        network.reset()
        network.step_async(np.zeros((network.num_envs, network.view.actions.size), np.float32))
        network.advance()
        network.seed(self.task.seed)
        network.reset()

    def _groups(self) -> list[int]:
        """Which network each seat has (S,); none for one that all share, if only since they are all of one role."""
        sharing = self.settings.sharing if self.settings.game(self.task) is None else "site"
        groups = networks_of(self.network.view.names, self.task.scenario, sharing)
        return groups if any(groups) else []


def learn(settings: PPOKeys, task: Task, journal: Journal) -> None:
    """Train a policy; the process's threads and global random numbers are afterwards as they were."""
    with _alone(task.seed):
        setup = PPOSetup(settings, task, settings.copies)
        copies = TrainingCopies(setup.network, setup.shape, journal.clock)
        model = SeatsPPO(settings, copies, journal, setup.start())
        if journal.state is None:
            model.begin(task.seed, task.costs(setup.learnt(model.averaged)))
        else:
            model.restore(journal.state, task.seed)
        journal.begin(lambda: setup.learnt(model.averaged), model.state)
        model.run()


def _parties(settings: PPOKeys, task: Task) -> tuple[Party, dict[Party, dict[str, Any]]]:
    """Who learns, and the keys of the agent in the other seats. Raises InputError for a key that means nothing here."""
    autonomy = Simulator(task.scenario, task.autonomy).autonomy
    check_parties({"sites": settings.sites, "planner": settings.planner}, autonomy)
    planner, sites = keys_of(settings.planner), keys_of(settings.sites)
    if sites is not None:
        if planner is not None or not autonomy.has_planner:
            raise InputError("agent.sites", settings.sites, "nothing: somebody has to learn")
        return "planner", {"sites": sites}
    if not autonomy.has_sites:
        if planner is not None:
            raise InputError("agent.planner", settings.planner, f"nothing at {autonomy.name}, where the planner alone learns")
        return "planner", {}
    return "sites", {"planner": planner or {"type": USUAL_PLANNER}} if autonomy.has_planner else {}


def _critic_sees_all(settings: PPOKeys, party: Party, task: Task) -> bool:
    """Whether the critic reads the state. Raises InputError for a variant that the learning seats cannot have."""
    possible = {"planner": ("auto", "central"), "sites": ("auto", "ippo", "mappo")}[party]
    if settings.variant not in possible:
        wanted = f"{' or '.join(possible)} at {task.autonomy.name}, where the {party} learn{'s' if party == 'planner' else ''}"
        raise InputError("agent.variant", settings.variant, wanted)
    return party == "sites" and settings.variant != "ippo"


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """One thread, and PyTorch's generator by this seed; both are given back as they were. SB3 asks no other one."""
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
