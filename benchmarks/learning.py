"""How close learning comes to what is known: `python benchmarks/learning.py [part …] [--seeds 5] [--workers 2] [--table]`.

Parts: lost_sales, line, dual, levels, nets, ppo; left out: all. Every training is a run in runs/benchmark/, so that one that is
there is not done again; `--table` only writes docs/learning.md from what is there. Gaps are paired differences to a reference
on the same held-out traces, a million periods and more, in per cent of the reference's cost.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from pydantic import PrivateAttr
from scipy import stats

import orderup
from orderup.agents import Agent, agents, make_agent
from orderup.agents.exact import best_lost_sales_base_stock
from orderup.agents.runs.provenance import commit_in_short
from orderup.agents.runs.run import load_run
from orderup.agents.training.train import train
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.foundation.files import write_text
from orderup.envs.information.information import Information, inventory_level, on_order
from orderup.envs.information.policy import Context, Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

RUNS = Path("runs") / "benchmark"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "learning.md"
PERIODS = 1_000_000
"""Held out, at least, after warm-up."""
DISTINCT = 400
"""Episodes of recorded demand: a test window has only so many stretches."""
SEARCHED = 128
"""Episodes by which each pair of the capped base-stock policy's numbers is tried."""
LINES = ("serial_poisson", "serial_clark_scarf")
AUTONOMIES = ("autonomous_silo", "autonomous_shared", "hybrid_soe", "central_ideal")


@agents.register("best_capped")
class BestCapped(Agent):
    """A store orders min(S − position, cap) (Xin 2021), S and cap being the best of a grid on training's episodes."""

    _level: float = PrivateAttr()
    _cap: float = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Search, once for a scenario."""
        self._level, self._cap = _best_capped(context.network.scenario.model_dump_json(by_alias=True, exclude_none=True))

    def act(self, information: Information) -> Decision:
        """By the site's own records."""
        return _capped(information, self._level, self._cap)


def _capped(information: Information, level: Any, cap: Any) -> Decision:
    position = inventory_level(information) + on_order(information)
    return Decision(quantity=np.clip(level - position, 0.0, cap))


@lru_cache(maxsize=16)
def _best_capped(scenario: str) -> tuple[float, float]:
    """The cheapest pair of a grid of whole numbers, all on the same episodes."""
    given = load_scenario(json.loads(scenario))
    middle = 5.0 * (given.lanes[0].lead_time.longest + 1)
    pairs = [(level, cap) for level in np.arange(middle - 3, middle + 16) for cap in np.arange(5, 13)]
    levels, caps = (np.repeat(column, SEARCHED)[:, None, None] for column in np.array(pairs).T)
    simulator = Simulator(given, batch=len(levels), dtype="float32")
    simulator.reset(1, np.tile(np.arange(SEARCHED), len(pairs)))
    costs = np.zeros(len(levels))
    while not simulator.done:
        ledger = simulator.advance(_capped(simulator.information, levels, caps))
        costs += ledger.cost if simulator.now.period > given.warmup else 0.0
    best = pairs[int(costs.reshape(len(pairs), -1).mean(axis=1).argmin())]
    return float(best[0]), float(best[1])


@dataclass(frozen=True)
class Row:
    """One line of a table: who is trained or fitted on what, and whom it is held to."""

    part: str
    scenario: Scenario
    autonomy: str
    agent: dict[str, Any]
    reference: dict[str, Any]
    reference_autonomy: str | None = None
    """Left out: the row's own."""
    above: float = 0.0
    """Cost that nobody can avoid, so that a second gap is of what is above it."""
    label: str = ""

    @property
    def name(self) -> str:
        """A folder name that is the row's own."""
        variant = self.agent.get("variant")
        return "-".join([self.scenario.name, self.autonomy, self.agent["type"], *([variant] if variant else [])])


@dataclass
class Found:
    """What a row's seeds came to."""

    row: Row
    gaps: list[float] = field(default_factory=list)
    """Of each seed, in shares of the reference's cost."""
    widths: list[float] = field(default_factory=list)
    """Half of each one's 95 % interval, over traces."""
    seconds: list[float] = field(default_factory=list)
    cost: float = 0.0
    """The reference's."""


def rows(parts: Iterable[str]) -> Iterator[Row]:
    """Everything that is measured, in the order of the page."""
    every = {"lost_sales": _lost_sales, "line": _line, "dual": _dual, "levels": _levels, "nets": _nets, "ppo": _ppo}
    for part in parts:
        yield from every[part]()


def lost_sales(lead_time: int, shortage: int) -> Scenario:
    """One of Zipkin's (2008) instances with Poisson demand."""
    lane = {"from": "supplier", "to": "store_1", "lead_time": lead_time, "initial": 5}
    customer = {"site": "store_1", "shortage": shortage, "unmet": "lost", "demand": {"type": "poisson", "mean": 5}}
    return changed(load_scenario("lost_sales"), name=f"lost_sales_{lead_time}_{shortage}", lanes=[lane], customers=[customer])


def dual_source(lead_time: int, express: int) -> Scenario:
    """One of Gijsbrechts et al.'s (2022) instances."""
    given = load_scenario("dual_source")
    regular, fast = (lane.model_dump(by_alias=True) for lane in given.lanes)
    lanes = [{**regular, "lead_time": lead_time}, {**fast, "unit_cost": express}]
    return changed(given, name=f"dual_source_{lead_time}_{express}", lanes=lanes)


TWELVE = [(lead_time, shortage) for lead_time in (1, 2, 3) for shortage in (4, 9, 19, 39)]
PATHWISE, OPTIMISED, OPTIMAL = {"type": "pathwise"}, {"type": "optimised_base_stock"}, {"type": "optimal"}


def _lost_sales() -> Iterator[Row]:
    for lead_time, shortage in TWELVE:
        scenario = lost_sales(lead_time, shortage)
        yield Row("lost_sales", scenario, "autonomous_silo", PATHWISE, OPTIMAL)


def _line() -> Iterator[Row]:
    for line in LINES:
        for autonomy in AUTONOMIES:
            agent = {**PATHWISE, "steps": 2_000_000}
            yield Row("line", load_scenario(line), autonomy, agent, OPTIMAL, "central_ideal")


def _dual() -> Iterator[Row]:
    for lead_time in (2, 3):
        for express in (105, 110):
            yield Row("dual", dual_source(lead_time, express), "autonomous_silo", PATHWISE, OPTIMAL, above=200.0)


def _levels() -> Iterator[Row]:
    for line in LINES:
        for autonomy in ("autonomous_silo", "central_ideal"):
            yield Row("levels", load_scenario(line), autonomy, OPTIMISED, OPTIMAL, "central_ideal")
    for lead_time, shortage in TWELVE:
        best, _ = best_lost_sales_base_stock(1, shortage, lead_time, stats.poisson(5))
        reference = {"type": "base_stock", "levels": {"store_1": float(best)}}
        yield Row("levels", lost_sales(lead_time, shortage), "autonomous_silo", OPTIMISED, reference)


def _nets() -> Iterator[Row]:
    for scenario in ("owmr", "stale_centre", "orange_juice"):
        given = load_scenario(scenario)
        if given.data is None or os.environ.get("ORDERUP_DATA"):  # recorded demand does not come with the project
            yield Row("nets", given, "autonomous_silo", PATHWISE, OPTIMISED)


def _ppo() -> Iterator[Row]:
    ppo = {"type": "ppo"}
    yield Row("ppo", load_scenario("newsvendor"), "autonomous_silo", ppo, OPTIMAL)
    for line in LINES:
        given = load_scenario(line)
        yield Row("ppo", given, "central_ideal", {**ppo, "variant": "central"}, OPTIMAL, "central_ideal")
        for variant in ("ippo", "mappo"):
            yield Row("ppo", given, "autonomous_silo", {**ppo, "variant": variant}, OPTIMAL, "central_ideal")
    yield Row("ppo", load_scenario("owmr"), "autonomous_silo", ppo, OPTIMISED)
    yield Row("ppo", load_scenario("owmr"), "central_ideal", ppo, OPTIMISED)
    for lead_time, shortage in TWELVE:
        yield Row("ppo", lost_sales(lead_time, shortage), "autonomous_silo", ppo, {"type": "best_capped"})


def measure(row: Row, seed: int) -> dict[str, float]:
    """Train and evaluate one seed of a row, unless that has been done."""
    path = RUNS / f"{row.name}-{seed}.json"
    if path.is_file():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    agent, seconds = _trained(row, seed)
    mine = _costs(row, row.autonomy, agent)
    theirs = _costs(row, row.reference_autonomy or row.autonomy, make_agent(row.reference))
    difference = mine - theirs
    found = {
        "cost": float(theirs.mean()),
        "gap": float(difference.mean() / theirs.mean()),
        "width": float(1.96 * difference.std(ddof=1) / np.sqrt(difference.size) / theirs.mean()),
        "seconds": seconds,
    }
    write_text(path, json.dumps(found, indent=1) + "\n")
    return found


def _trained(row: Row, seed: int) -> tuple[Any, float]:
    """The agent to evaluate, and how long it took to make it [CPU seconds of one thread]."""
    start, target = time.process_time(), RUNS / f"{row.name}-{seed}"
    if row.part == "levels":
        agent = make_agent({**row.agent, "seed": seed})
        orderup.evaluate(row.scenario, row.autonomy, agent, episodes=1)
        return agent, time.process_time() - start
    train(row.scenario, row.autonomy, row.agent, seed, target.name, RUNS, progress=False, overwrite=target.exists())
    return load_run(target).agent, time.process_time() - start


def _costs(row: Row, autonomy: str, agent: Any) -> Any:
    counted = row.scenario.horizon - row.scenario.warmup
    episodes = DISTINCT if row.scenario.data is not None else -(-PERIODS // counted)
    return orderup.evaluate(row.scenario, autonomy, agent, episodes=episodes).episodes["cost"].to_numpy()


def table(found: Iterable[Found]) -> str:
    """The page's tables, one for each part."""
    lines: list[str] = []
    part = ""
    for entry in found:
        if not entry.gaps:
            continue
        if entry.row.part != part:
            part = entry.row.part
            lines += ["", f"## {TITLES[part]}", "", *HEADING]
        lines.append(line(entry))
    return "\n".join(lines)


def line(entry: Found) -> str:
    """A row of a table: what its seeds came to."""
    row, gaps = entry.row, 100 * np.array(entry.gaps)
    reach_of_seeds = stats.t.ppf(0.975, gaps.size - 1) if gaps.size > 1 else 0.0
    spread = reach_of_seeds * gaps.std(ddof=1) / np.sqrt(gaps.size) if gaps.size > 1 else 0.0
    reach = float(np.hypot(spread, 100 * np.mean(entry.widths)))
    above = f" ({np.mean(gaps) * entry.cost / (entry.cost - row.above):+.2f} % of the rest)" if row.above else ""
    who = row.agent.get("variant", row.agent["type"])
    cells = [
        row.scenario.name, row.autonomy, who, row.reference["type"].rpartition(":")[2], f"{entry.cost:,.3f}",
        f"{gaps.mean():+.3f} ± {reach:.3f} %{above}", f"{gaps.max():+.3f} %", f"{gaps.size}",
        f"{np.mean(entry.seconds):.0f}",
    ]  # fmt: skip # a row
    return f"| {' | '.join(cells)} |"


HEADING = (
    "| scenario | autonomy | learner | reference | its cost | gap | worst seed | seeds | seconds |",
    "|---|---|---|---|---|---|---|---|---|",
)
TITLES = {
    "lost_sales": "`pathwise` on lost sales, against the exact optimum",
    "line": "`pathwise` on serial lines, against the exact optimum of a centre that knows everything",
    "dual": "`pathwise` on dual sourcing, against the exact optimum",
    "levels": "`optimised_base_stock`, against the exact optimum or the best constant level",
    "nets": "`pathwise` networks, against `optimised_base_stock` at the same autonomy level",
    "ppo": "`ppo`, against the exact optimum, the best capped base-stock policy or `optimised_base_stock`",
}


def write_page(found: list[Found], seeds: int) -> None:
    """docs/learning.md."""
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one thread each"
    text = f"""# What learning reaches

Measured at {commit_in_short()}, all of this page: `make benchmark-learning` ({machine}).
A gap is the paired difference to the reference on the same held-out traces, at least a million periods after warm-up (400
episodes of recorded demand), in per cent of the reference's cost: mean over training seeds ± 95 % (spread over seeds and over
traces together), and the worst seed. Seconds are a training's CPU time in its one thread, trials on validation episodes and the
final evaluation included. Negative gaps are savings.
{table(found)}
"""
    write_text(PAGE, text)
    print(text)


def main() -> None:
    """Measure what is missing, then write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*TITLES, []], help="left out: all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--table", action="store_true", help="only write the page, from what has been measured")
    asked = parser.parse_args()
    wanted = list(rows(asked.parts or TITLES))
    if not asked.table:
        jobs = [(row, seed) for seed in range(asked.seeds) for row in wanted]
        with ProcessPoolExecutor(asked.workers, multiprocessing.get_context("spawn")) as pool:
            futures = {pool.submit(measure, row, seed): (row, seed) for row, seed in jobs}
            for number, future in enumerate(as_completed(futures), start=1):
                row, seed = futures[future]
                found = future.result()
                said = f"{100 * found['gap']:+.3f} ± {100 * found['width']:.3f} %, {found['seconds']:.0f} s"
                print(f"{number}/{len(jobs)} {row.name}-{seed}: {said}", flush=True)
    write_page([collected(row, asked.seeds) for row in rows(TITLES)], asked.seeds)


def collected(row: Row, seeds: int) -> Found:
    """What has been measured of a row."""
    found = Found(row)
    for seed in range(seeds):
        path = RUNS / f"{row.name}-{seed}.json"
        if path.is_file():
            one = json.loads(path.read_text(encoding="utf-8"))
            found.cost = one["cost"]
            found.gaps.append(one["gap"])
            found.widths.append(one["width"])
            found.seconds.append(one["seconds"])
    return found


if __name__ == "__main__":
    main()
