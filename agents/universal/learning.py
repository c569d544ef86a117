"""Learning by the gradient of simulated cost over many networks at once: each counts alike, whatever its money.

What is minimised is the mean logarithm of each network's cost, so that a per cent saved anywhere counts as much as elsewhere.
Letters: N sites, L lanes, K products, B batch, M networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.simulator import Party, Simulator

from ..gradients.backpropagation import Optimiser
from ..gradients.episode_window import EpisodeWindow
from ..gradients.objective import Objective
from ..integrality import whole_items
from ..learning.iterate_average import IterateAverage
from ..learning.learner import Journal, Task, TrainingState
from ..learning.learnt import Learnt
from ..learning.one_thread import one_thread
from .problems import KEPT, DrawnProblems, OneProblem, Problem, Problems
from .universal_keys import PERIODS, UniversalKeys
from .universal_policy import UniversalPolicy

Tensor = torch.Tensor
Policies: TypeAlias = dict[Party, UniversalPolicy]
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
        autonomy, network = self.simulator.autonomy, self.simulator.numpy_network
        there: dict[Party, bool] = {"sites": autonomy.has_sites, "planner": autonomy.has_planner}
        self.parties = tuple(party for party, decides in there.items() if decides)
        belongs = network.topology.parts
        self._belongs = torch.as_tensor(np.equal.outer(np.arange(belongs.max() + 1), belongs).astype(np.float32))
        self._steps = torch.as_tensor(whole_items(problem.scenario)[network.topology.destination].astype(np.float32))[None]
        self._contexts = {party: self.simulator.context(0, party) for party in self.parties}
        self._objective = Objective(1.0, 1.0)

    def policies(self, numbers: Mapping[str, Any]) -> Policies:
        """One policy for each party that decides, all of the same numbers."""
        return {party: UniversalPolicy(numbers, self.problem.known) for party in self.parties}

    def cost(self, policies: Policies, seed: int, episodes: NDArray[np.int64], warmth: float) -> Tensor:
        """The mean logarithm of what each network pays in a counted period, with its gradients."""
        problem = self.problem
        self.simulator.reset(seed, episodes)
        generator = torch.Generator().manual_seed(seed * 7919 + int(episodes[0]))
        for party, policy in policies.items():
            policy.reset(self._contexts[party])
        with torch.no_grad():
            for _ in range(problem.burn_in):
                self._step(policies, generator, warmth, waits=problem.waits)
        paid: Any = 0.0
        for _ in range(problem.length):
            paid = paid + self._step(policies, generator, warmth)
        by_network = self._belongs @ (paid.mean(1) / problem.length)
        if len(by_network) == 1:
            by_network = by_network + self._objective.at_the_end(self.simulator).mean() / problem.length
        return by_network.clamp(min=LEAST).log().mean()  # type: ignore[no-any-return] # a tensor

    def _step(self, policies: Policies, generator: torch.Generator, warmth: float, waits: bool = False) -> Tensor:
        """One period: what every site pays (N, B). What is rounded in the end is moved by up to half a unit until then."""
        now = {
            party: self._moved(policy.act(self.simulator.information_of(party)), generator, warmth, waits)
            for party, policy in policies.items()
            if party == "sites" or self.simulator.centre_decides
        }
        decisions = Decisions(now.get("planner"), now.get("sites"))
        return self.simulator.advance(decisions).discounted.by_site  # type: ignore[no-any-return] # a tensor

    def _moved(self, decision: Decision, generator: torch.Generator, warmth: float, waits: bool) -> Decision:
        if waits:
            return Decision(level=0.0 * decision.level)
        moves = torch.rand(decision.level.shape, generator=generator) - 0.5
        return Decision(level=decision.level + warmth * moves * self._steps)


def learn(settings: UniversalKeys, task: Task, journal: Journal) -> None:
    """Train until all updates are done or the journal says stop."""
    with one_thread():
        first, problems, copies = settings.first(task.seed), _problems(settings, task), settings.copies
        optimiser = Optimiser(first.tensors, settings.learning_rate, settings.updates, settings.clip, None)
        average = IterateAverage(optimiser.arrays(), settings.average, settings.updates)
        if journal.state is not None:
            optimiser.restore(journal.state)
            average.restore(journal.state.tensors)

        def learnt() -> Learnt:
            sites, planner = (first.with_tensors(average.values) for _ in range(2))  # each remembers what it sees
            return Learnt(sites=sites, planner=planner)

        def state() -> TrainingState:
            latest = optimiser.state()
            return TrainingState({**latest.tensors, **average.tensors()}, latest.rest)

        journal.begin(learnt, state)
        plays: dict[int, Play] = {}
        policies: dict[int, Policies] = {}
        going = True
        while going and not optimiser.finished:
            update = optimiser.done
            problem = problems.of(update)
            with journal.clock.phase("simulate"):
                if problem.number not in plays:
                    for kept in sorted(plays)[: max(0, len(plays) - 2 * KEPT)]:
                        del plays[kept], policies[kept]
                    plays[problem.number] = Play(problem, copies)
                    policies[problem.number] = plays[problem.number].policies(optimiser.arrays())
                for policy in policies[problem.number].values():
                    policy.parameters = optimiser.numbers
                episodes = np.arange(update * copies, (update + 1) * copies)
                cost = plays[problem.number].cost(
                    policies[problem.number], task.seed, episodes, LEAST_WARM + (1 - LEAST_WARM) * optimiser.warmth
                )
            with journal.clock.phase("learn"):
                norm = optimiser.step(cost)
                average.add(optimiser.arrays(), optimiser.done)
            going = journal.update(optimiser.done * PERIODS * copies, {"log_cost": float(cost.detach()), "gradient": norm})


def _problems(settings: UniversalKeys, task: Task) -> Problems:
    if settings.family is not None:
        keys = settings.family, settings.levels, settings.unknown, settings.fresh, settings.reuse, task.seed
        return DrawnProblems(*keys)
    window = EpisodeWindow.of(Simulator(task.scenario, task.autonomy).numpy_network, task.autonomy)
    known = settings.demand == "known"
    return OneProblem(Problem(task.scenario, task.autonomy, known, window.burn_in, window.length, to_the_end=window.to_the_end))
