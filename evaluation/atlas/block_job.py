"""A block of the design as a job: its networks side by side, at every level, on the same traces.

Letters: M networks, A levels, B traces, N sites.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.agents.runs.lock import is_held, only_one
from orderup.agents.team import seated
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.files import is_there
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from ..studies import sealed_tensors
from ..studies.identity import digest, named, plain
from ..studies.training import PATIENCE
from .design import Atlas
from .factors import organised

FOLDER = "blocks"
"""Where results go, in the atlas' folder."""
AMOUNTS = ("cost", "stock", "asked", "unmet")
"""What is kept of every network: money, units on the shelf, units asked for and not served at once, each a period."""


@dataclass(frozen=True)
class BlockJob:
    """One block, as a study's job."""

    atlas: Atlas
    points: pd.DataFrame
    """Its networks, as `Atlas.points` has them (M rows)."""
    home: Path

    @property
    def number(self) -> int:
        """The block's, from 0."""
        return int(self.points["block"].iloc[0])

    @cached_property
    def key(self) -> str:
        """The hash of all that decides what comes out."""
        asked = self.atlas.model_dump(mode="json", include={"traces", "horizon", "warmup", "trace_seed", "seed", "levels"})
        return digest(
            {
                **asked,
                "agent": plain(make_agent(self.atlas.agent), weights=True),
                "points": self.points.round(6).values.tolist(),
            }
        )

    @property
    def name(self) -> str:
        return named([f"block_{self.number + 1:04d}"], self.key)

    @property
    def kind(self) -> str:
        return "play a block"

    @property
    def periods(self) -> int:
        return self.atlas.traces * self.atlas.horizon * len(self.atlas.levels)

    @property
    def path(self) -> Path:
        """The file for what is found."""
        return self.home / FOLDER / f"{self.name}.safetensors"

    @property
    def finished(self) -> bool:
        return self._kept is not None

    @property
    def begun(self) -> bool:
        return False

    @property
    def held(self) -> bool:
        return is_held(self.path.parent, f".{self.name}.lock")

    @property
    def seconds(self) -> float | None:
        kept = self._kept
        return None if kept is None else kept[1]

    def run(self) -> None:
        with only_one(self.path.parent, f".{self.name}.lock", PATIENCE):
            if not self.finished:
                self._play()

    @property
    def found(self) -> NDArray[np.float32]:
        """What was found: each of AMOUNTS, by network, level and trace (4, M, A, B). Raises ValueError before it is."""
        kept = self._kept
        if kept is None:
            raise ValueError(f"{self.name} has not been played")
        return kept[0]

    @property
    def _kept(self) -> tuple[NDArray[np.float32], float] | None:
        """The amounts, and how long they took [seconds]; None where no file is, or none of this block as it was written."""
        if not is_there(self.path):
            return None
        try:
            about, tensors = sealed_tensors.load(self.path, "a block of an atlas")
        except sealed_tensors.Unusable:
            return None
        return (tensors["amounts"], float(about["seconds"])) if about.get("key") == self.key else None

    def _play(self) -> None:
        since, row = time.monotonic(), {str(name): float(value) for name, value in self.points.iloc[0].items()}
        scenario = self.atlas.scenario(self.points)
        amounts = np.stack(
            [
                played(scenario, organised(level, row), self.atlas.agent, self.atlas.traces, self.atlas.trace_seed)
                for level in self.atlas.levels
            ],
            axis=2,
        )
        about = {"key": self.key, "seconds": round(time.monotonic() - since, 3)}
        sealed_tensors.save(self.path, {"amounts": amounts.astype(np.float32)}, about)


def played(scenario: Scenario, autonomy: Autonomy, agent: Any, traces: int, seed: int) -> NDArray[np.float64]:
    """AMOUNTS of each network that trades with no other (4, M, B), the mean over the periods that count."""
    simulator = Simulator(scenario, autonomy, batch=traces, split="test", dtype="float32")
    network, counted = simulator.numpy_network, simulator.horizon - scenario.warmup
    belongs, place = network.topology.parts, {site: number for number, site in enumerate(network.sites)}
    parts = list(dict.fromkeys(int(belongs[place[site]]) for site in scenario.sites))  # as the scenario has them
    sites = np.equal.outer(parts, belongs).astype(float)
    customers = sites[:, network.topology.customer_site]
    seating = Seating(simulator, seated(make_agent(agent), simulator))
    seating.reset(seed, policy_seed=seed)
    found = np.zeros((len(AMOUNTS), len(sites), traces))
    for period in range(simulator.horizon):
        ledger, now = simulator.advance(seating.decisions()), simulator.now
        if period >= scenario.warmup:
            assert now.flows is not None  # a period is over
            found[0] += sites @ np.asarray(ledger.by_site, dtype=float)
            found[1] += sites @ np.asarray(now.state.on_hand, dtype=float).sum(axis=1)
            found[2] += customers @ np.asarray(now.flows.demand, dtype=float).sum(axis=1)
            found[3] += customers @ np.asarray(now.flows.unmet, dtype=float).sum(axis=1)
    return found / counted
