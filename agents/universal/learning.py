"""Learning by the gradient of simulated cost over many networks at once: each counts alike, whatever its money.

What is minimised is the mean logarithm of each network's cost, so that a per cent saved anywhere counts as much as elsewhere.
Letters: N sites, L lanes, K products, B batch, M networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Party, Simulator

from ..integrality import whole_items
from .problems import Problem, parts
from .universal_policy import UniversalPolicy

Tensor = torch.Tensor


class Play:
    """A problem's episodes, played by a policy whose numbers carry gradients."""

    def __init__(self, problem: Problem, copies: int) -> None:
        self.problem = problem
        self.simulator = Simulator(
            problem.scenario, problem.autonomy, batch=copies, horizon=problem.burn_in + problem.length, to_the_end=False, backend="torch",
            dtype="float32",
        )  # fmt: skip
        self.party: Party = "sites" if self.simulator.autonomy.has_sites else "planner"
        self.context = self.simulator.context(0, self.party)
        belongs = parts(self.simulator.numpy_network)
        self._belongs = torch.as_tensor(np.equal.outer(np.arange(belongs.max() + 1), belongs).astype(np.float32))
        whole = whole_items(problem.scenario)
        into = self.simulator.numpy_network.topology.destination
        self._steps = torch.as_tensor(whole[into].astype(np.float32))[None]
        self._policy: UniversalPolicy | None = None

    def cost(self, policy: UniversalPolicy, seed: int, episodes: NDArray[np.int64], warmth: float) -> Tensor:
        """The mean logarithm of what each network pays in a counted period, with its gradients."""
        simulator = self.simulator
        simulator.reset(seed, episodes)
        generator = torch.Generator().manual_seed(seed * 7919 + int(episodes[0]))
        policy.reset(self.context)
        with torch.no_grad():
            for _ in range(self.problem.burn_in):
                self._step(policy, generator, warmth, waits=self.problem.waits)
        paid: Any = 0.0
        for _ in range(self.problem.length):
            paid = paid + self._step(policy, generator, warmth)
        by_network = self._belongs @ (paid.mean(1) / self.problem.length)
        return by_network.clamp(min=1e-4).log().mean()  # type: ignore[no-any-return] # a tensor

    def _step(self, policy: UniversalPolicy, generator: torch.Generator, warmth: float, waits: bool = False) -> Tensor:
        decision = policy.act(self.simulator.information_of(self.party))
        if waits:
            decision = Decision(quantity=0.0 * decision.level)
        elif warmth:
            moves = torch.rand(decision.level.shape, generator=generator) - 0.5
            decision = Decision(level=decision.level + warmth * moves * self._steps)
        return self.simulator.advance(decision).by_site  # type: ignore[no-any-return] # a tensor


def compared(problem: Problem, policy: Any, reference: Any, episodes: int, seed: int) -> NDArray[Any]:
    """Cost of a policy in that of another, network by network (M,), on the same episodes: in NumPy, after a warm-up."""
    found, periods = [], problem.burn_in + problem.length
    for one in (policy, reference):
        simulator = Simulator(problem.scenario, problem.autonomy, batch=episodes, horizon=periods, dtype="float64")
        party: Party = "sites" if simulator.autonomy.has_sites else "planner"
        simulator.reset(seed)
        one.reset(simulator.context(0, party))
        paid = 0.0
        for number in range(periods):
            counts, decision = number >= problem.burn_in, one.act(simulator.information_of(party))
            if problem.waits and not counts:
                decision = Decision(quantity=0.0 * decision.level)
            cost = simulator.advance(decision).by_site
            paid = paid + (cost.mean(axis=1) if counts else 0.0)
        found.append(np.bincount(parts(simulator.numpy_network), weights=paid))
    ratio: NDArray[Any] = found[0] / np.maximum(found[1], 1e-9)
    return ratio


def numbers_of(tensors: Mapping[str, Tensor]) -> dict[str, NDArray[np.float32]]:
    """As NumPy's, copies."""
    return {name: values.detach().numpy().copy() for name, values in tensors.items()}
