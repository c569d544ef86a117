"""Evaluating a policy: many held-out episodes in batches, the same for every autonomy level and policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError, one_word
from orderup.envs.foundation.whole_numbers import checked_count
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.trace.size import LARGEST_HORIZON
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..measures.kpi import Kpi, asked_kpis
from ..measures.resilience import AFTER, BEFORE
from ..measures.structure import segments_of
from ..measures.sums import Sums
from ..statistics.statistics import Floats
from .contestant import Contestant, contestant_of
from .playing import Progress, played
from .result import Result, Traces

LARGEST_EPISODES = 1_000_000
LARGEST_BATCH = 512
LARGEST_TRACE = 2**24
"""Numbers in the demand of a batch that is chosen for the user (128 MB)."""


def evaluate(
    scenario: str | Path | Mapping[str, Any] | Scenario,
    autonomy: str | Path | Mapping[str, Any] | Autonomy | None = None,
    agents: Any = None,
    *,
    agent: Any = None,
    episodes: int = 200,
    seed: int = FIRST_HELD_OUT_SEED,
    batch: int | None = None,
    split: str = "test",
    horizon: int | None = None,
    backend: str = "numpy",
    device: str | None = None,
    progress: Progress | None = None,
    kpis: Iterable[Any] = (),
) -> Result:
    """Evaluate one policy at one autonomy level on the episodes 0 … `episodes` − 1 of `seed`.

    `agents`, or in the singular `agent`, says who decides: an agent by name, by its keys with `type`, or as an object; a run of
    training; a model or function from elsewhere (`orderup.adapted`); or any of these by seat, {"store_1": …, "sites": …,
    "planner": …}. Left out, it is base_stock; the autonomy level left out is a run's own, else autonomous_silo.
    Two evaluations with the same scenario, seed, episodes, split and horizon see the same traces, whatever the autonomy level
    and the policy. `batch` episodes run at once (left out: as many as are fast and fit); `horizon` counts the warm-up. `kpis`
    are told beside those of every report: `package.module:Class`, or a class derived from orderup.evaluation.Kpi. Raises
    InputError for anything that cannot be, and CannotAct, one of its kind, when the policy cannot act at this autonomy level.
    """
    who = one_word("agents", agents, "agent", agent, "base_stock")
    if isinstance(who, str) and who == "all":
        raise InputError("agents", who, "one policy; all there are, ranked, gives orderup.league_of(scenario, autonomy)")
    autonomy = autonomy if autonomy is not None else getattr(who, "autonomy", None) or "autonomous_silo"
    setup = Setup.of(scenario, episodes, seed, batch, split, horizon, backend, device, kpis)
    return evaluated(setup, contestant_of(autonomy, who), progress)


@dataclass(frozen=True)
class Setup:
    """The traces, and where and how many at a time they are run."""

    traces: Traces
    batch: int
    backend: str
    device: str | None
    asked: tuple[Kpi, ...] = ()
    """KPIs that are asked for beside those of every report."""

    @classmethod
    def of(
        cls,
        scenario: Any,
        episodes: Any,
        seed: int,
        batch: Any,
        split: str,
        horizon: int | None,
        backend: str,
        device: str | None,
        kpis: Iterable[Any] = (),
    ) -> Setup:
        loaded = load_scenario(scenario)
        checked_count(episodes, "episodes", LARGEST_EPISODES)
        if batch is not None:
            checked_count(batch, "batch")
        if horizon is not None:
            checked_count(horizon, "horizon", LARGEST_HORIZON)
            if horizon <= loaded.warmup:
                raise InputError("horizon", horizon, f"more periods than the warm-up of {loaded.name}, {loaded.warmup}")
        traces = Traces(loaded, seed, episodes, split, horizon or loaded.horizon)
        return cls(traces, min(batch or _fitting(traces), episodes), backend, device, asked_kpis(kpis))

    def simulator(self, autonomy: Autonomy, batch: int) -> Simulator:
        traces = self.traces
        return Simulator(
            traces.scenario,
            autonomy,
            batch=batch,
            backend=self.backend,
            device=self.device,
            horizon=traces.horizon,
            split=traces.split,
        )

    def no_gradients(self) -> AbstractContextManager[Any]:
        if self.backend != "torch":
            return nullcontext()
        import torch

        return torch.no_grad()


def _fitting(traces: Traces) -> int:
    values = traces.horizon * len(traces.scenario.customers) * len(traces.scenario.products)
    return max(min(LARGEST_BATCH, LARGEST_TRACE // values), 1)


def evaluated(setup: Setup, contestant: Contestant, progress: Progress | None) -> Result:
    """What one contestant comes to. Raises InputError, and CannotAct where it cannot act at its autonomy level."""
    sim = setup.simulator(contestant.autonomy, setup.batch)
    found: list[Sums] = []
    with setup.no_gradients():
        for first in range(0, setup.traces.episodes, setup.batch):
            numbers = np.arange(first, min(first + setup.batch, setup.traces.episodes))
            if numbers.size < sim.batch:
                sim = setup.simulator(contestant.autonomy, numbers.size)
            found.append(played(sim, contestant, setup.traces, numbers, progress, setup.asked))
    return Result(
        traces=setup.traces,
        autonomy=contestant.autonomy,
        agent=contestant.agent,
        name=contestant.name,
        terms=sim.terms,
        sums=_episode_sums(found),
        site_sums=_added([sums.sites for sums in found], "site", sim.numpy_network.sites),
        echelon=dict(zip(sim.numpy_network.sites, sim.numpy_network.topology.echelon, strict=True)),
        product_sums=_added([sums.products for sums in found], "product", sim.numpy_network.products),
        segment_sums=_added([sums.segments for sums in found], "segment", segments_of(sim.numpy_network)),
        lane_sums=_added([sums.lanes for sums in found], "lane", sim.numpy_network.lanes),
        machine_sums=_added([sums.machines for sums in found], "machine", _machines(sim)),
        outage_sums=_curve([sums.outages for sums in found]),
        decisions=_decisions([sums.orders for sums in found], sim),
        training=contestant.training,
        caveats=tuple(dict.fromkeys(caveat for sums in found for caveat in sums.caveats)),
        asked=setup.asked,
    )


def _machines(sim: Simulator) -> Sequence[str]:
    return () if sim.numpy_network.machines is None else sim.numpy_network.machines.names


def _episode_sums(found: list[Sums]) -> pd.DataFrame:
    columns = {name: np.concatenate([sums.network[name] for sums in found]) for name in found[0].network}
    return pd.DataFrame(columns).rename_axis("episode")


def _decisions(found: Sequence[Floats], sim: Simulator) -> pd.DataFrame:
    """The orders that are kept, a column for each lane and product."""
    network = sim.numpy_network
    columns = [f"{lane}/{product}" for lane in network.lanes for product in network.products]
    return pd.DataFrame(np.concatenate([orders.reshape((-1, len(columns))) for orders in found]), columns=columns)


def _curve(found: Sequence[Mapping[str, Floats]]) -> pd.DataFrame:
    """Service and cost around outages, all batches together, with the `offset` first."""
    columns = {name: np.sum([sums[name] for sums in found], axis=0) for name in found[0]}
    return pd.DataFrame({"offset": np.arange(-BEFORE, AFTER), **columns} if columns else {})


def _added(found: Sequence[Mapping[str, Floats]], kind: str, names: Sequence[str]) -> pd.DataFrame:
    """The sums of all batches together, one row for each name."""
    columns = {name: np.sum([sums[name] for sums in found], axis=0) for name in found[0]}
    return pd.DataFrame(columns, index=pd.Index(names, name=kind))
