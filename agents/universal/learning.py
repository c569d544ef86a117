"""Learning by the gradient of simulated cost over many networks at once: each counts alike, whatever its money.

What is minimised is the mean logarithm of each network's cost, so that a per cent saved anywhere counts as much as elsewhere.
Letters: N sites, L lanes, K products, B batch, M networks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Party, Simulator

from ..gradients.backpropagation import Optimiser
from ..gradients.episode_window import EpisodeWindow
from ..gradients.objective import Objective
from ..integrality import whole_items
from ..learning.learner import Journal, Task
from ..learning.learnt import Learnt
from ..learning.one_thread import one_thread
from .problems import KEPT, DrawnProblems, OneProblem, Problem, Problems, parts
from .universal_keys import PERIODS, UniversalKeys
from .universal_policy import UniversalPolicy

Tensor = torch.Tensor
LEAST = 1e-4
"""Of what a network pays that its logarithm is taken of [money]."""
LEAST_WARM = 0.1
"""How far, in half units, what is rounded in the end is moved when learning has cooled."""


class Play:
    """A problem's episodes, played by a policy whose numbers carry gradients."""

    def __init__(self, problem: Problem, copies: int) -> None:
        self.problem = problem
        self.simulator = Simulator(
            problem.scenario,
            problem.autonomy,
            batch=copies,
            horizon=problem.burn_in + problem.length,
            to_the_end=problem.to_the_end,
            backend="torch",
            dtype="float32",
        )
        self.party: Party = "sites" if self.simulator.autonomy.has_sites else "planner"
        network = self.simulator.numpy_network
        belongs = parts(network)
        self._belongs = torch.as_tensor(np.equal.outer(np.arange(belongs.max() + 1), belongs).astype(np.float32))
        self._steps = torch.as_tensor(whole_items(problem.scenario)[network.topology.destination].astype(np.float32))[None]
        self._context = self.simulator.context(0, self.party)
        self._objective = Objective(1.0, 1.0)

    def cost(self, policy: UniversalPolicy, seed: int, episodes: NDArray[np.int64], warmth: float) -> Tensor:
        """The mean logarithm of what each network pays in a counted period, with its gradients."""
        problem = self.problem
        self.simulator.reset(seed, episodes)
        generator = torch.Generator().manual_seed(seed * 7919 + int(episodes[0]))
        policy.reset(self._context)
        with torch.no_grad():
            for _ in range(problem.burn_in):
                self._step(policy, generator, warmth, waits=problem.waits)
        paid: Any = 0.0
        for _ in range(problem.length):
            paid = paid + self._step(policy, generator, warmth)
        by_network = self._belongs @ (paid.mean(1) / problem.length)
        if len(by_network) == 1:
            by_network = by_network + self._objective.at_the_end(self.simulator).mean() / problem.length
        return by_network.clamp(min=LEAST).log().mean()  # type: ignore[no-any-return] # a tensor

    def _step(self, policy: UniversalPolicy, generator: torch.Generator, warmth: float, waits: bool = False) -> Tensor:
        """One period: what every site pays (N, B). What is rounded in the end is moved by up to half a unit until then."""
        decision = policy.act(self.simulator.information_of(self.party))
        if waits:
            decision = Decision(quantity=0.0 * decision.level)
        elif warmth:
            moves = torch.rand(decision.level.shape, generator=generator) - 0.5
            decision = Decision(level=decision.level + warmth * moves * self._steps)
        return self.simulator.advance(decision).discounted.by_site  # type: ignore[no-any-return] # a tensor


def learn(settings: UniversalKeys, task: Task, journal: Journal) -> None:
    """Train until all updates are done or the journal says stop."""
    with one_thread():
        first, problems, copies = settings.first(task.seed), _problems(settings, task), settings.copies
        optimiser = Optimiser(first.tensors, settings.learning_rate, settings.updates, settings.clip, None)
        if journal.state is not None:
            optimiser.restore(journal.state)

        def learnt() -> Learnt:
            network = first.with_tensors(optimiser.arrays())
            return Learnt(sites=network, planner=network)

        journal.begin(learnt, optimiser.state)
        plays: dict[int, Play] = {}
        policies: dict[int, UniversalPolicy] = {}
        going = True
        while going and not optimiser.finished:
            update = optimiser.done
            problem = problems.of(update)
            with journal.clock.phase("simulate"):
                if problem.number not in plays:
                    for kept in sorted(plays)[: max(0, len(plays) - 2 * KEPT)]:
                        del plays[kept], policies[kept]
                    plays[problem.number] = Play(problem, copies)
                    policies[problem.number] = UniversalPolicy(optimiser.arrays(), problem.known)
                policy = policies[problem.number]
                policy.parameters = optimiser.numbers
                episodes = np.arange(update * copies, (update + 1) * copies)
                cost = plays[problem.number].cost(policy, task.seed, episodes, LEAST_WARM + (1 - LEAST_WARM) * optimiser.warmth)
            with journal.clock.phase("learn"):
                norm = optimiser.step(cost)
            going = journal.update(optimiser.done * PERIODS * copies, {"log_cost": float(cost.detach()), "gradient": norm})


def _problems(settings: UniversalKeys, task: Task) -> Problems:
    if settings.family is not None:
        keys = settings.family, settings.levels, settings.unknown, settings.fresh, settings.reuse, task.seed
        return DrawnProblems(*keys)
    window = EpisodeWindow.of(Simulator(task.scenario, task.autonomy).numpy_network, task.autonomy)
    known = settings.demand == "known"
    return OneProblem(Problem(task.scenario, task.autonomy, known, window.burn_in, window.length, to_the_end=window.to_the_end))
