"""The simulator: a batch of episodes of one network under one level of autonomy.

Letters: B batch, N sites, L lanes, K products. The only mutable object of the core; everything it does is done by functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .arrays import Array, batch_first, batch_last, tree_sum
from .autonomy import PLANNER, Autonomy
from .backend import Backend
from .building import build
from .catalogue import load_autonomy, load_scenario
from .dynamics import Wishes, period
from .errors import InputError, UnknownName
from .information import Information, Snapshot
from .ledger import terms_of
from .network import Network
from .policy import Context, Decision
from .schema import Scenario
from .state import start
from .trace import Trace, draw_trace

SPLITS = ("train", "validation", "test")


@dataclass(eq=False)
class Ledger:
    """The money of one period, by named terms."""

    by_term: dict[str, Array]
    """(N, B) [money] of each term."""

    @property
    def terms(self) -> dict[str, Array]:
        """Each term's cost of every site (B, N) [money]."""
        return {name: batch_first(values) for name, values in self.by_term.items()}

    @cached_property
    def by_site(self) -> Array:
        """What every site pays (N, B) [money], all terms together."""
        return _sum(self.by_term.values())

    @property
    def site_cost(self) -> Array:
        """The same, batch first (B, N)."""
        return batch_first(self.by_site)

    @property
    def cost(self) -> Array:
        """What the network pays (B,) [money]."""
        return tree_sum(self.by_site)


def _sum(values: Iterable[Array]) -> Array:
    first, *others = values
    for other in others:
        first = first + other
    return first


class Simulator:
    """A batch of episodes.

    `scenario` and `autonomy` are names, paths, mappings or the objects themselves. `horizon` overrides the scenario's; `split`
    says which window recorded demand is drawn from; `backend`, `device` and `dtype` say where the numbers live. Raises
    InputError for anything that cannot be.
    """

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        *,
        batch: int = 1,
        backend: str = "numpy",
        device: str | None = None,
        dtype: str = "float64",
        horizon: int | None = None,
        split: str = "train",
    ) -> None:
        self.scenario: Scenario = load_scenario(scenario)
        self.autonomy: Autonomy = load_autonomy(autonomy)
        self.batch = whole(batch, "batch")
        self.horizon = self.scenario.horizon if horizon is None else whole(horizon, "horizon")
        if split not in SPLITS:
            raise UnknownName("split", split, SPLITS)
        self.split = split
        self.backend = Backend(backend, device, dtype)
        self.plan: Network = build(self.scenario)
        """The network in NumPy, for everything that is worked out once."""
        self.network: Network = self.plan.on(self.backend.asarray)
        self.seats = (PLANNER,) if self.autonomy.authority == "central" else self.plan.sites
        self._terms = terms_of(self.plan)
        self._zeros = self.backend.zeros(1, 1, batch)
        self._decision_shape = (batch, len(self.plan.lanes), len(self.plan.products))
        self._seed: int | None = None
        self._next_episode = 0
        self.trace: Trace | None = None
        self.now = Snapshot(self.network, 0, start(self.network, self._zeros), None)

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the ledger's terms that this network can incur."""
        return tuple(entry.name for entry in self._terms)

    def context(self, seed: int = 0) -> Context:
        """What a policy is told before an episode."""
        return Context(self.plan, self.autonomy, self.backend, self.batch, seed, self.seats)

    def reset(self, seed: int | None = None, episodes: Any = None) -> Information:
        """Begin episodes: those numbered `episodes` (B,), else 0 … B−1 of a new seed, or the next B of the last one."""
        if seed is not None:
            self._seed, self._next_episode = _checked_seed(seed), 0
        elif self._seed is None:
            self._seed = int(np.random.SeedSequence().generate_state(1)[0])
        numbers = np.arange(self._next_episode, self._next_episode + self.batch) if episodes is None else np.asarray(episodes)
        if numbers.shape != (self.batch,):
            raise InputError("episodes", numbers.shape, f"{self.batch} numbers, one for each row of the batch")
        self._next_episode = int(numbers.max()) + 1
        return self.replay(draw_trace(self.plan, self.backend, self._seed, numbers, self.horizon, self.split))

    def replay(self, trace: Trace) -> Information:
        """Begin the episodes of a trace drawn before."""
        self.trace = trace
        self.now = Snapshot(self.network, 0, start(self.network, self._zeros), None)
        return self.information

    @property
    def information(self) -> Information:
        """What the seats may know now."""
        return Information(self.now, self.autonomy.visibility, self.seats)

    @property
    def done(self) -> bool:
        """Whether the episodes are over."""
        return self.trace is None or self.now.period >= self.trace.periods

    def step(self, decision: Decision) -> tuple[Information, Ledger, bool]:
        """One period. Raises RuntimeError when the episodes are over or none has begun."""
        ledger = self.advance(decision)
        return self.information, ledger, self.done

    def advance(self, decision: Decision) -> Ledger:
        """One period, without a look at what the seats may know after it."""
        if self.trace is None or self.now.period >= self.trace.periods:
            raise RuntimeError("no episode is under way: call reset() first")
        state, flows = period(self.network, self.now.state, self._wishes(decision), self.trace.at(self.now.period))
        ledger = Ledger({entry.name: entry.cost(self.network, state, flows) for entry in self._terms})
        self.now = Snapshot(self.network, self.now.period + 1, state, flows)
        return ledger

    def _wishes(self, decision: Decision) -> Wishes:
        return Wishes(
            self._inside(decision.level, "level"),
            self._inside(decision.quantity, "quantity"),
            None if decision.by_quantity is None else self._by_lane(decision.by_quantity),
        )

    def _by_lane(self, flags: Any) -> Array:
        array = self.backend.asarray(flags)
        if tuple(array.shape) != self._decision_shape[1:2]:
            raise InputError("decision.by_quantity", tuple(array.shape), f"{self._decision_shape[1:2]}: one for each lane")
        return array[:, None, None] != 0

    def _inside(self, values: Array | None, key: str) -> Array | None:
        """From (B, L, K), or what broadcasts to it, to (L, K, B)."""
        if values is None:
            return None
        shape = self._decision_shape
        array = self.backend.asarray(values)
        if array.shape != shape:
            try:
                array = self.backend.xp.broadcast_to(array, shape)
            except (ValueError, RuntimeError):
                raise InputError(f"decision.{key}", tuple(array.shape), f"something that broadcasts to {shape}") from None
        return batch_last(array)


def whole(number: Any, key: str) -> int:
    """A whole number of at least one. Raises InputError for anything else."""
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool) or number < 1:
        raise InputError(key, number, "a whole number ≥ 1")
    return int(number)


def _checked_seed(seed: Any) -> int:
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or not 0 <= int(seed) < 2**64:
        raise InputError("seed", seed, "a whole number from 0 to 2^64 − 1")
    return int(seed)
