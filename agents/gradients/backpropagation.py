"""Training through the simulator: episodes played by policies whose numbers carry gradients, and the search for better numbers.

Hindsight-differentiable policy optimisation (Alvo, Russo and Kanoria, arXiv 2306.11246), under any level of autonomy. Letters:
B batch, N sites, L lanes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Context, Decision, Decisions, Policy
from orderup.envs.numerics.arrays import Array
from orderup.envs.physics.decision import merged
from orderup.envs.recorded_policies import is_recordable
from orderup.envs.recording.graph import NotRecordable
from orderup.envs.recording.machine import can_compile
from orderup.envs.simulator import Party, Simulator

from ..learning.learner import Diverged, TrainingState
from ..learning.stopwatch import Stopwatch
from ..networks.network_policy import NetworkPolicy
from .adam import Adam, Moments
from .blur import Blur
from .episode_window import EpisodeWindow
from .objective import Objective
from .recorded_periods import NeedsFlows, RecordedPeriods

Tensor = torch.Tensor
CONSTANTS_RATE = 3.0
"""How much larger the steps of constants are: they are single numbers in units of a usual level, weights add up."""
AVERAGES = ("exp_avg", "exp_avg_sq")
LEFT_OUT = 50
"""Steps in a row that may be left out since their gradient is no finite number."""
FIXED = ("/centre", "/scale")
"""Tensors that are not learnt."""
PARTIES: tuple[Party, ...] = ("sites", "planner")


class Rollout:
    """A simulator's autonomy level with somebody in every seat: policies that learn, and such as do not.

    Where sites pay for themselves alone (`objective.share` < 1), what others do in an episode that is not theirs carries no
    gradient of their numbers. What networks will round when they are used is moved at random here (`Blur`), by less and less as
    the search cools.
    """

    def __init__(self, simulator: Simulator, policies: Mapping[Party, Policy], objective: Objective, clock: Stopwatch) -> None:
        self.simulator, self.policies, self.objective, self.clock = simulator, policies, objective, clock
        self._contexts: dict[Party, Context] = {party: simulator.context(0, party) for party in policies}
        self._blurs = {party: Blur(simulator, party) for party, policy in policies.items() if _will_round(policy)}
        self.recorded: RecordedPeriods | None = None
        recordable = {party: policy for party, policy in policies.items() if is_recordable(policy)}
        self._inside = recordable if len(recordable) == len(policies) else None
        self.refusal: str | None = None
        sites = policies.get("sites")
        self._others: NetworkPolicy | None = None
        if objective.share < 1.0 and isinstance(sites, NetworkPolicy):
            self._others = NetworkPolicy(sites.spec, sites.tensors)
            mine = objective.owners(simulator)[simulator.backend.asarray(simulator.numpy_network.topology.destination)]
            self._mine = (mine > 0.5).T

    def play(self, window: EpisodeWindow, warmth: float = 0.0) -> Tensor:
        """Mean cost of a counted period, with its gradients [money]; the episodes have been reset. Warmth 0 blurs nothing."""
        while self.recorded is not None:
            try:
                return self._play(window, warmth)
            except NeedsFlows:
                self.recorded = self._programs(with_flows=True)
            except NotRecordable as error:
                self._record_less(error)
            assert self.simulator.trace is not None  # episodes have begun
            self.simulator.replay(self.simulator.trace)
        return self._play(window, warmth)

    def record(self) -> None:
        """Let programs play the periods from now on, if they can be recorded; `refusal` says why not."""
        try:
            if self.objective.share != 1.0 or not can_compile() or str(self.simulator.backend.device or "cpu") != "cpu":
                raise NotRecordable("sites' own costs, another device, or no Numba")
            self.recorded = self._programs()
        except NotRecordable as error:
            self.refusal = str(error)

    def _programs(self, with_flows: bool = False) -> RecordedPeriods:
        return RecordedPeriods(self.simulator, self.objective, self._observers(), with_flows, self._inside)

    def _record_less(self, error: NotRecordable) -> None:
        """Leave what policies decide to PyTorch, if it was inside, else everything."""
        if self._inside is None:
            self.recorded, self.refusal = None, str(error)
        else:
            self._inside, self.recorded = None, None
            self.record()

    def _observers(self) -> dict[Party, Observer]:
        """Of the policies that are networks and look at observations."""
        simulator = self.simulator
        return {
            party: Observer(simulator.numpy_network, simulator.autonomy, simulator.seats_of(party))
            for party, policy in self.policies.items()
            if isinstance(policy, NetworkPolicy) and policy.spec.layers
        }

    def _play(self, window: EpisodeWindow, warmth: float) -> Tensor:
        for blur in self._blurs.values():
            blur.share = warmth
        for party, policy in self.policies.items():
            policy.reset(self._contexts[party])
        if self._others is not None:
            sites = self.policies["sites"]
            assert isinstance(sites, NetworkPolicy)  # as above
            assert sites.parameters is not None
            self._others.parameters = {name: values.detach() for name, values in sites.parameters.items()}
            self._others.reset(self._contexts["sites"])
        if self.recorded is not None:
            self.recorded.begin()
        for left in range(window.burn_in, 0, -1):
            with torch.set_grad_enabled(left == 1 and self._decides_inside):
                self._step()
        if self.recorded is not None and window.burn_in:
            self.recorded.forget()
        total: Array = 0.0
        for _ in range(window.length):
            total = total + self._step()
        if self.recorded is not None:
            self.recorded.show()
        total = total + self.objective.at_the_end(self.simulator)
        return total.mean() / window.length  # type: ignore[no-any-return] # a tensor, at least one period long

    @property
    def _decides_inside(self) -> bool:
        """Whether programs work out what is decided, each for the period after its own."""
        return self.recorded is not None and self._inside is not None

    def _step(self) -> Array:
        """One period: what each episode contributes (B,)."""
        with self.clock.phase("forward"):
            chosen = None if self._decides_inside else self._chosen()
        with self.clock.phase("simulate"):
            if self.recorded is not None:
                return self.recorded.advance(chosen)
            assert chosen is not None  # as above
            return self.objective.by_row(self.simulator, self.simulator.advance(chosen))

    def _chosen(self) -> Decision | Decisions:
        now: dict[Party, Decision] = {}
        known = self.simulator if self.recorded is None else self.recorded
        for party, policy in self.policies.items():
            if party == "sites" or self.simulator.centre_decides:
                decision = policy.act(known.information_of(party))
                now[party] = self._blurs[party](decision) if party in self._blurs else decision
        if self._others is not None:
            others = self._others.act(self.simulator.information_of("sites"))
            others = self._blurs["sites"](others) if "sites" in self._blurs else others
            now["sites"] = merged(self._mine, now["sites"], others)
        return Decisions(now.get("planner"), now.get("sites"))


def _will_round(policy: Policy) -> bool:
    return isinstance(policy, NetworkPolicy) and policy.spec.whole and policy.parameters is not None


class Optimiser:
    """Adam on named tensors, its step size falling as half a cosine over `iterations`; can be stopped and gone on with."""

    def __init__(
        self, start: Mapping[str, NDArray[Any]], rate: float, iterations: int, clip: float, device: str | None
    ) -> None:
        self.fixed = {name: torch.tensor(values, device=device) for name, values in start.items() if name.endswith(FIXED)}
        moving = {name: values for name, values in start.items() if name not in self.fixed}
        self.numbers = {name: torch.tensor(values, device=device, requires_grad=True) for name, values in moving.items()}
        self.iterations, self.done, self.left_out = iterations, 0, 0
        self._rates = {name: CONSTANTS_RATE * rate if name.endswith("constant") else rate for name in self.numbers}
        self._clip = clip
        self._adam = Adam(self.numbers)

    @property
    def warmth(self) -> float:
        """Half a cosine from 1 to 0 over all iterations: of the step size, and of what is drawn to explore."""
        return 0.5 * (1.0 + math.cos(math.pi * self.done / self.iterations))

    @property
    def finished(self) -> bool:
        """Whether all iterations are done."""
        return self.done >= self.iterations

    def step(self, cost: Tensor) -> float:
        """Go down the gradient of `cost`; the gradient's norm before it was clipped. One that explodes is left out.

        Raises Diverged where too many of them have, or where the numbers that are searched have themselves.
        """
        self._adam.forget_gradients()
        cost.backward()  # type: ignore[no-untyped-call] # PyTorch leaves it without types
        norm = float(torch.nn.utils.clip_grad_norm_(self.numbers.values(), self._clip))
        if math.isfinite(norm):
            self._adam.step({name: rate * self.warmth for name, rate in self._rates.items()})
        self.done, self.left_out = self.done + 1, 0 if math.isfinite(norm) else self.left_out + 1
        if self.left_out >= LEFT_OUT:
            raise Diverged(f"gradients of {self.left_out} updates in a row are no finite numbers")
        if not all(bool(torch.isfinite(values).all()) for values in self.numbers.values()):
            raise Diverged("a number of the network is no finite one")
        return norm

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The numbers as they are, copies."""
        everything = self.numbers | self.fixed
        return {name: values.detach().cpu().numpy().copy() for name, values in everything.items()}

    def state(self) -> TrainingState:
        """Everything that is needed to go on."""
        tensors: dict[str, NDArray[Any]] = dict(self.arrays())
        for name, moments in self._adam.moments.items():
            for part, found in vars(moments).items():
                tensors[f"adam.{part}/{name}"] = found.cpu().numpy().copy()
        return TrainingState(tensors, {"done": self.done, "left_out": self.left_out})

    def restore(self, state: TrainingState) -> None:
        """Go on from there."""
        self.done, self.left_out = int(state.rest["done"]), int(state.rest.get("left_out", 0))
        with torch.no_grad():
            for name, values in (self.numbers | self.fixed).items():
                values.copy_(torch.as_tensor(state.tensors[name]))
        self._adam.moments = {
            name: Moments(
                torch.as_tensor(step.copy()),
                *(torch.as_tensor(state.tensors[f"adam.{part}/{name}"].copy(), device=values.device) for part in AVERAGES),
            )
            for name, values in self.numbers.items()
            if (step := state.tensors.get(f"adam.step/{name}")) is not None
        }


def by_party(numbers: Mapping[str, Any], party: Party) -> dict[str, Any]:
    """Those of a party's numbers, by the names its policy knows."""
    return {name.partition("/")[2]: values for name, values in numbers.items() if name.startswith(f"{party}/")}
