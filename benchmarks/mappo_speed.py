"""Speed of MAPPO on one thread: `python benchmarks/mappo_speed.py [--updates 20]`.

256 copies of the 4-site line, networks of 64 × 64 units, 4 epochs in minibatches of 8192 site-steps. A site-step is one site's
period, simulated and learnt from; seconds of simulating are those of the environment, observations and state included.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

os.environ.setdefault("OMP_NUM_THREADS", "1")

from orderup.agents import make_agent
from orderup.agents.learning.learner import Learner, Task, TrainingState
from orderup.agents.learning.learnt import Learnt
from orderup.agents.learning.stopwatch import Phase, Stopwatch
from orderup.envs.catalogue import load_autonomy, load_scenario

SITES, COPIES, PERIODS, BATCH = 4, 256, 64, 8192


@dataclass(frozen=True)
class Speed:
    """What was measured."""

    per_second: float
    """Site-steps in a second of the clock on the wall."""
    per_cpu_second: float
    """The same in one of the processor's, which other users of the machine do not slow down."""
    shares: Mapping[Phase, float]
    """Of the time, by what it was spent on."""


class _Timed:
    """A journal that only looks at the clock, from the end of the first update on."""

    state: TrainingState | None = None

    def __init__(self) -> None:
        self.clock = Stopwatch()
        self.marks: list[tuple[float, float]] = []

    def begin(self, learnt: Callable[[], Learnt], state: Callable[[], TrainingState]) -> None:
        """Nothing to keep."""

    def update(self, periods: int, metrics: Mapping[str, float]) -> bool:
        """Go on."""
        self.marks.append((time.perf_counter(), time.process_time()))
        return True


def mappo_speed(updates: int = 20, scenario: str = "serial_poisson", autonomy: str = "autonomous_silo") -> Speed:
    """Train for some updates, the first of which is not counted."""
    each = COPIES * PERIODS
    learner, journal = make_agent({"type": "ppo", **_settings(), "steps": each * updates}), _Timed()
    assert isinstance(learner, Learner)
    learner.learn(Task(load_scenario(scenario), load_autonomy(autonomy), 0), journal)
    (wall, processor), (last_wall, last_processor) = journal.marks[0], journal.marks[-1]
    done = each * SITES * (updates - 1)
    return Speed(done / (last_wall - wall), done / (last_processor - processor), journal.clock.shares)


def _settings() -> dict[str, object]:
    sizes = {"copies": COPIES, "n_steps": PERIODS, "minibatches": COPIES * PERIODS * SITES // BATCH}
    return {**sizes, "variant": "mappo", "paired": False, "epochs": 4, "hidden": [64, 64]}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=20)
    found = mappo_speed(parser.parse_args().updates)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in found.shares.items())
    print(f"{found.per_second:,.0f} site-steps a second, {found.per_cpu_second:,.0f} a CPU-second; {shares}")


if __name__ == "__main__":
    main()
