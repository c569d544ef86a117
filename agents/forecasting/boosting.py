"""Quantiles of what a site will be asked for, learnt from training episodes by gradient boosting (scikit-learn's).

Letters: T periods, B episodes, N sites, K products, W periods remembered, F features, P an order's protection interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import internal_orders
from orderup.envs.information.policy import Context
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, in_numpy
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.seating import Seating
from orderup.envs.simulator import Party, Simulator

from ..fitting_progress import tell
from ..make import make_agent
from ..sales.asked import AskedFor
from ..size_limits import check_memory
from ..team import seated

SEED = 0
"""Of the episodes that are learnt from; a seed of training, never of evaluation."""
ROWS = 20_000
"""Examples that a model learns from, about."""
FIRST = 8
"""Periods at a training episode's start that are no examples: few of their lags are real."""
TREES, LEAVES, SMALLEST_LEAF, RATE = 150, 15, 40, 0.08
"""Sizes that did not fit too well on 20 000 rows; a quantile needs leaves of some size."""


@dataclass(frozen=True)
class Memory:
    """What a forecast looks at: the latest `lags` periods one by one, the mean of the last `window`, the place in a season."""

    lags: int
    window: int
    season: int | None

    def features(self, seen: Sequence[Floats], spread: Floats, period: int) -> Floats:
        """Of each site and product (…, N, K, F), by what was seen (…, N, K) before `period`, all in units of its mean."""
        shape = np.broadcast_shapes(*(values.shape for values in seen))
        latest = [np.broadcast_to(seen[-lag], shape) for lag in range(1, min(self.lags, len(seen)) + 1)]
        angle = 2 * math.pi * (period % self.season) / self.season if self.season else 0.0
        known = [np.full(shape, value) for value in ((math.sin(angle), math.cos(angle)) if self.season else ())]
        return np.stack(
            [*latest, np.broadcast_to(sum(seen) / len(seen), shape), np.broadcast_to(spread, shape), *known], axis=-1
        )


@dataclass(frozen=True)
class ForecastTask:
    """What is to be learnt: quantiles at a level of autonomy, as the seats of one party see demand there."""

    scenario: Scenario
    autonomy: Autonomy
    party: Party
    memory: Memory
    wanted: tuple[tuple[int, float], ...]
    """Protection intervals P, and the quantile of the demand in them."""

    def __hash__(self) -> int:
        return hash((self.scenario.name, self.autonomy.name, self.party, self.wanted))


def check_installed() -> None:
    """Raises InputError, with the way to install it, where scikit-learn is missing."""
    if find_spec("sklearn") is None:
        raise InputError("agent.method", "gradient_boosting without scikit-learn", "pip install orderup[forecast] first")


class Boosted:
    """Order-up-to levels of a network's lanes by quantile models, for the seats of one party."""

    def __init__(self, context: Context, memory: Memory, interval: NDArray[np.int64], quantiles: Floats) -> None:
        """`interval` P of each lane (L,), and the quantiles (L, K), NaN for lanes that have no level."""
        network, self._memory = context.network, memory
        self._mean, self._spread = scales(network)
        self._destination = network.topology.destination
        pairs = [
            [(int(periods), round(float(quantile), 6)) for quantile in row]
            for periods, row in zip(interval, quantiles, strict=True)
        ]
        self._lanes = [
            (lane, product, pair) for lane, row in enumerate(pairs) for product, pair in enumerate(row) if 0 < pair[1] < 1
        ]
        party: Party = "planner" if context.seats == (PLANNER,) else "sites"
        wanted = tuple(sorted({pair for _, _, pair in self._lanes}))
        self._models = quantile_models(ForecastTask(network.scenario, context.autonomy, party, memory, wanted))
        self._shape = quantiles.shape

    def levels(self, seen: Sequence[Array], period: int) -> Floats:
        """Levels (B, L, K) [units] for `period`, by what was seen (B, N, K) before it."""
        features = self._memory.features([in_numpy(values) / self._mean for values in seen], self._spread, period)
        totals = {pair: predicted(model, features) * self._mean for pair, model in self._models.items()}
        found = np.zeros((len(features), *self._shape))
        for lane, product, pair in self._lanes:
            found[:, lane, product] = totals[pair][:, self._destination[lane], product]
        return found


@lru_cache(maxsize=16)
def quantile_models(task: ForecastTask) -> dict[tuple[int, float], Any]:
    """A model for every interval and quantile wanted, one for all sites and products, in units of their means."""
    what = f"quantiles for {task.scenario.name} at {task.autonomy.name}"
    tell(what, 0.0)
    seen, spread = _seen(task)
    found = {}
    for done, pair in enumerate(task.wanted):
        tell(what, done / len(task.wanted))
        found[pair] = _fitted(task.memory, seen, spread, *pair)
    return found


def scales(network: Network) -> tuple[Floats, Floats]:
    """Mean (N, K), 1 where there is no demand, and deviation in units of it."""
    mean = np.where(network.loads.mean[:, :, 0] > 0, network.loads.mean[:, :, 0], 1.0)
    return mean, network.loads.deviation[:, :, 0] / mean


def predicted(model: Any, features: Floats) -> Floats:
    """What a model says (…, N, K) of features (…, N, K, F)."""
    found: Floats = _one_thread(lambda: model.predict(features.reshape(-1, features.shape[-1])))
    return np.maximum(found, 0.0).reshape(features.shape[:-1])


def _seen(task: ForecastTask) -> tuple[list[Floats], Floats]:
    """What seats of the party see of each period (B, N, K), T of them, where all order by smoothed forecasts."""
    network = Simulator(task.scenario, task.autonomy).numpy_network
    mean, spread = scales(network)
    size = max(ROWS // (mean.size * task.scenario.horizon), 4)
    lags = min(task.memory.lags, task.memory.window)
    check_memory("agent.lags", lags, 2 * lags * mean.size * size * task.scenario.horizon, "examples to learn from")
    simulator = Simulator(task.scenario, task.autonomy, batch=size)
    seating = Seating(simulator, seated(make_agent("forecast_newsvendor"), simulator))
    seating.reset(SEED)
    found: list[Floats] = []
    asked = AskedFor(simulator.numpy_network, simulator.backend)
    while not simulator.done:
        simulator.advance(seating.decisions())
        now = simulator.information_of(task.party)
        if now.period > now.age:
            found.append(in_numpy(asked.own(now).demand + internal_orders(now)) / mean)
    return found, spread


def _fitted(memory: Memory, seen: list[Floats], spread: Floats, periods: int, quantile: float) -> Any:
    """A model of the total of the next `periods`."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    before = [np.ones_like(seen[0])] * memory.window
    rows = range(min(FIRST, len(seen) // 4), len(seen) - periods + 1)
    if not rows:
        raise InputError("agent.method", "gradient_boosting", f"episodes of more than {periods} periods to learn from")
    told = [memory.features((before + seen[:now])[-memory.window :], spread, now) for now in rows]
    came = [np.sum(seen[now : now + periods], axis=0) for now in rows]
    model = HistGradientBoostingRegressor(
        loss="quantile",
        quantile=quantile,
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=SMALLEST_LEAF,
        learning_rate=RATE,
        early_stopping=False,
        random_state=SEED,
    )
    features, totals = np.concatenate(told), np.concatenate(came)
    return _one_thread(lambda: model.fit(features.reshape(-1, features.shape[-1]), totals.ravel()))


def _one_thread(work: Any) -> Any:
    """What `work` returns, done by one thread: the same sums in the same order, and no fight for the processors."""
    with _threads().limit(limits=1, user_api="openmp"):
        return work()


@cache
def _threads() -> Any:
    """What there is to limit; finding that out takes longer than a forecast."""
    import sklearn.ensemble  # noqa: F401 # whose threads are to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
