"""Speed on this machine, in CPU-seconds: `make bench`, or `python -m benchmarks.bench [--quick]`.

Every figure is the best of several rounds, one thread, resets included. "Periods" are periods of one episode: a batch of 8192
that goes one period on counts 8192.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

import orderup
from benchmarks.bench_networks import loud_scenario, meshed_scenario, quiet_scenario, wide_scenario
from benchmarks.works import (
    LINE,
    SCENARIO,
    Work,
    batch_work,
    gradient_work,
    loop_work,
    stepping,
    steps_work,
    wide_work,
    world_work,
)
from orderup.agents import make_agent
from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.foundation.freed_memory import keep_freed_memory
from orderup.envs.recording.machine import can_compile

BATCHES = (1, 1024)
ROUNDS = 7


def best(work: Work, rounds: int) -> float:
    """CPU-seconds of the quickest of some rounds, after one to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def pettingzoo_loop(rounds: int, compiled: bool = False) -> float:
    """Periods per second of it."""
    return 200 / best(loop_work(compiled), 4 * rounds)


def steps(rounds: int, compiled: bool, observed: bool = True) -> str:
    """Periods per second of them; nothing where Numba is not installed."""
    return f"{8192 * 200 / best(steps_work(compiled, observed), rounds):,.0f}" if can_compile() or not compiled else "–"


def batch(rounds: int, observed: bool = False) -> float:
    """Periods per second of it."""
    return 8192 * 200 / best(batch_work(observed), rounds)


def wide(rounds: int) -> tuple[float, float]:
    """Periods per second of it, and milliseconds of a reset."""
    simulator = orderup.Simulator(wide_scenario())
    return 200 / best(wide_work(), rounds), 1000 * best(lambda: simulator.reset(seed=1), 3 * rounds)


def everything_on(rounds: int) -> float:
    """How many times as long an episode takes with every mechanism on."""
    quiet, loud = (best(world_work(keys), rounds) for keys in (quiet_scenario(), loud_scenario()))
    return loud / quiet


def gradient(rounds: int, copies: int = 1024) -> float:
    """Periods per second of it."""
    return copies * 50 / best(gradient_work(copies), 2 * rounds)


def planning(periods: int) -> float:
    """Milliseconds that a decision of `mpc` takes over 15 periods and 20 futures, with the first one, made from nothing."""
    simulator = orderup.Simulator(meshed_scenario(), "central_ideal", horizon=periods)
    agent = make_agent({"type": "mpc", "scenarios": 20, "horizon": 15})
    information = simulator.reset(seed=0)
    agent.reset(simulator.context(seed=1))
    spent = 0.0
    while not simulator.done:
        start = time.process_time()
        decision = agent.act(information)
        spent += time.process_time() - start
        information, _, _ = simulator.step(decision)
    return 1000 * spent / periods


def by_autonomy(rounds: int) -> Table:
    """What a period costs at every autonomy level on `owmr`, against sites that decide by themselves on their own records."""
    table = Table(title=f"A period of {SCENARIO} at each autonomy level, in periods of autonomous_silo")
    table.add_column("autonomy")
    for copies in BATCHES:
        table.add_column(f"batch {copies}", justify="right")
    runs = {(autonomy, copies): stepping(autonomy, copies) for autonomy in orderup.list_autonomy() for copies in BATCHES}
    turns = [{key: run() for key, run in runs.items()} for _ in range(3 * rounds)]  # so that a busy moment meets all alike
    for autonomy in orderup.list_autonomy():
        ratios = [
            np.median([spent[autonomy, copies] / spent["autonomous_silo", copies] for spent in turns]) for copies in BATCHES
        ]
        table.add_row(autonomy, *(f"{ratio:.2f}" for ratio in ratios))
    return table


MEMORY = f"""
import numpy as np, orderup
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
def episode(batch):
    simulator = orderup.Simulator("{LINE}", batch=batch, dtype="float32")
    simulator.reset(0)
    while not simulator.done:
        simulator.step(orderup.Decision(level=np.array([[23.0], [19.0], [19.0], [18.0]])))
episode(1)
before = peak()
episode(8192)
print(peak() - before)
"""


def memory() -> float:
    """Megabytes that an episode of a batch of 8192 × 4 sites adds to the peak of a process of its own (Linux)."""
    return float(subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True).stdout)


RECORDING = f"""
import time
from orderup.envs.api.seats import Seats
def first(scenario):
    seats = Seats(scenario, "autonomous_silo", batch=1, compiled=True)
    seats.reset(seed=0)
    actions = {{view.party: 0 * view.actions.actions_for(view.actions.usual_level)[None] for view in seats.views}}
    begun = time.process_time()
    seats.step(actions)
    return time.process_time() - begun
print(first("{LINE}"), first("{LINE}"), first("reference"))
"""


def recording() -> tuple[str, ...]:
    """CPU-seconds of a first recorded step: the first ever, a later process's, another network's, and that of `reference`."""
    if not can_compile():
        return ("–",) * 4
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        said = [
            subprocess.run(
                [sys.executable, "-c", RECORDING], env=environment, check=True, capture_output=True, text=True
            ).stdout
            for _ in range(2)
        ]
    return tuple(f"{float(seconds):.2f}" for seconds in (said[0].split()[0], *said[1].split()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 2 if parser.parse_args().quick else ROUNDS
    torch.set_num_threads(1)
    keep_freed_memory()
    table = Table(title=f"{_machine()}, one thread, best of {rounds} rounds or more, at {commit_in_short()}")
    for heading, side in (("what", "left"), ("measured", "right")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type] # rich's literal
    periods, reset = wide(rounds)
    table.add_row("PettingZoo loop, 4-site line, periods/s", f"{pettingzoo_loop(rounds):,.0f}")
    recorded = f"{pettingzoo_loop(rounds, compiled=True):,.0f}" if can_compile() else "–"
    table.add_row("  the same, by recorded programs", recorded)
    table.add_row("Simulator, same line, batch 8192, periods/s", f"{batch(rounds):,.0f}")
    table.add_row("the same, observations built too", f"{batch(rounds, observed=True):,.0f}")
    table.add_row("environments' steps, same line, batch 8192, without observations", steps(rounds, False, observed=False))
    table.add_row("  the same, observations built too", steps(rounds, False))
    table.add_row("  the same, by recorded programs", steps(rounds, True))
    table.add_row("3 sites × 200 products, one episode, periods/s", f"{periods:,.0f}")
    table.add_row("  its reset, ms", f"{reset:.2f}")
    table.add_row("with gradient, torch, batch 1024, periods/s", f"{gradient(rounds):,.0f}")
    table.add_row("  the same, batch 4096", f"{gradient(rounds, 4096):,.0f}")
    table.add_row("11 sites with all events and rare mechanisms, times the same without", f"{everything_on(rounds):.1f}")
    table.add_row("mpc, 11 sites × 27 lanes × 15 periods × 20 futures, ms a decision", f"{planning(20 * rounds):.0f}")
    table.add_row("memory of a batch of 8192 × 4 sites, MB", f"{memory():.0f}")
    first, later, line, large = recording()
    table.add_row("first recorded step, compiling, s; in a later process, s", f"{first}; {later}")
    table.add_row("  recording another line, s; 8 lanes × 4 products, s", f"{line}; {large}")
    Console().print(table, by_autonomy(rounds))


def _machine() -> str:
    cpus = Path("/proc/cpuinfo")
    for line in cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
