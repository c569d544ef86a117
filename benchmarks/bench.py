"""Speed on this machine, in CPU-seconds: `make bench`, or `python benchmarks/bench.py [--quick]`.

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
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

import orderup
from orderup.agents import make_agent
from orderup.agents.runs.provenance import commit_in_short
from orderup.agents.team import seated
from orderup.envs.api.seats import Seats
from orderup.envs.foundation.freed_memory import keep_freed_memory
from orderup.envs.recording.machine import can_compile
from orderup.envs.seating import Seating

Work = Callable[[], object]
LINE = "serial_poisson"
SCENARIO, BATCHES = "owmr", (1, 1024)
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


def loop_work(compiled: bool = False) -> Work:
    """An episode of the PettingZoo loop on the 4-site line, 200 periods, reset included; its steps recorded programs or not."""
    env = orderup.parallel_env(LINE, compiled=compiled)
    env.reset(seed=0)
    actions = {agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.possible_agents}

    def episode() -> None:
        env.reset()
        while env.agents:
            env.step(actions)

    return episode


def pettingzoo_loop(rounds: int, compiled: bool = False) -> float:
    """Periods per second of it."""
    return 200 / best(loop_work(compiled), 4 * rounds)


def steps_work(compiled: bool, observed: bool = True) -> Work:
    """200 steps of 8192 environments on the 4-site line, float32, with the same actions, reset and rewards included.

    Recorded steps have the observations in them, asked for or not.
    """
    seats = Seats(LINE, "autonomous_silo", batch=8192, dtype="float32", compiled=compiled)
    (view,) = seats.views
    actions = {view.party: np.zeros((8192, len(view.names), view.actions.size), np.float32)}

    def episodes() -> None:
        seats.reset(seed=0)
        done = False
        while not done:
            ledger, done = seats.step(actions)
            seats.rewards(view, ledger)
            if observed:
                view.observations()

    return episodes


def steps(rounds: int, compiled: bool, observed: bool = True) -> str:
    """Periods per second of them; nothing where Numba is not installed."""
    return f"{8192 * 200 / best(steps_work(compiled, observed), rounds):,.0f}" if can_compile() or not compiled else "–"


def batch_work(observed: bool = False) -> Work:
    """200 periods of the simulator on the 4-site line, batch 8192, float32, base-stock, demand drawn inside."""
    seats = Seats(LINE, "autonomous_silo", batch=8192, dtype="float32")
    simulator, agent = seats.simulator, make_agent("base_stock")
    agent.reset(simulator.context())

    def episodes() -> None:
        information = simulator.reset(seed=0)
        while not simulator.done:
            information, _, _ = simulator.step(agent.act(information))
            if observed:
                seats.views[0].observations()

    return episodes


def batch(rounds: int, observed: bool = False) -> float:
    """Periods per second of it."""
    return 8192 * 200 / best(batch_work(observed), rounds)


def wide_scenario() -> dict[str, Any]:
    """Two stores and a warehouse with 200 products, all of them with customers."""
    sites = ["store_1", "store_2", "warehouse_1"]
    return {
        "name": "wide",
        "horizon": 200,
        "products": [f"product_{number}" for number in range(200)],
        "sites": {name: {"holding": 1.0} for name in sites},
        "lanes": [
            {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
            {"from": "warehouse_1", "to": "store_2", "lead_time": 1},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        ],
        "customers": [{"site": name, "shortage": 9, "demand": {"type": "poisson", "mean": 10}} for name in sites],
    }


def wide_work() -> Work:
    """An episode of 3 sites × 200 products, 200 periods, on a trace that was drawn before."""
    simulator, agent = orderup.Simulator(wide_scenario()), make_agent("base_stock")
    agent.reset(simulator.context())
    information = simulator.reset(seed=0)
    decision, trace = agent.act(information), simulator.trace
    assert trace is not None

    def episode() -> None:
        simulator.replay(trace)
        while not simulator.done:
            simulator.step(decision)

    return episode


def wide(rounds: int) -> tuple[float, float]:
    """Periods per second of it, and milliseconds of a reset."""
    simulator = orderup.Simulator(wide_scenario())
    return 200 / best(wide_work(), rounds), 1000 * best(lambda: simulator.reset(seed=1), 3 * rounds)


STORM = {"type": "markov", "begins": 0.02, "ends": 0.1}
CHANGES = ("regimes", "disruptions", "prices", "shifts", "card", "small")


def quiet_scenario() -> dict[str, Any]:
    """The network of disruption_storm with limits, and two segments at each store; nothing goes wrong."""
    keys = orderup.load_scenario("disruption_storm").model_dump(by_alias=True, mode="json", exclude_defaults=True)
    for site in keys["sites"].values():
        site |= {"throughput": 160, "storage": 300, "overflow": 1}
    for lane in keys["lanes"]:
        lane["capacity"] = 200
    keys["customers"] += [{**entry, "segment": "second", "priority": 1} for entry in keys["customers"]]
    return {**{key: value for key, value in keys.items() if key not in CHANGES}, "name": "quiet"}


def loud_scenario() -> dict[str, Any]:
    """The same network in which everything happens, with everything that can follow from it."""
    keys = {**quiet_scenario(), "name": "loud"}
    stores = [name for name in keys["sites"] if name.startswith("store")]
    often: dict[str, Any] = {"when": {**STORM, "during": {"storm": {"begins": 0.2, "ends": 0.2}}}}
    for name, site in keys["sites"].items():
        site |= {"shelf_life": 6, "scrap_cost": 1, "variety": 1, "carbon": 0.1}
        site |= {} if name in stores else {"overtime": {"extra": 20, "cost": 1}}
    for lane in keys["lanes"]:
        lane |= {"setup": 1, "yield": {"mean": 0.95, "spread": 0.05}, "carbon": 0.1}
        lane |= {"reserve": 2} if lane["from"] in keys["sites"] else {"ramp": {"from": 0.5, "until": 20}}
    keys["lanes"][-1]["contract"] = {"notice": 8, "down": 0.5, "up": 1.0}
    for entry, other in zip(keys["customers"], 2 * (stores[1:] + stores[:1]), strict=True):
        entry |= {
            "promise": 1,
            "spill_to": {"site": other, "cost": 1},
            "goodwill": {"loss": 0.1, "recovery": 0.1, "least": 0.5},
        }
        entry["reserve"] = 3 if entry.get("segment") == "second" else 0
    pauses: list[dict[str, Any]] = [{"at": "plant_1", "pauses": "orders"}, {"at": "supplier_overseas", "pauses": "shipments"}]
    pauses += [{"at": "plant_2->hub_1", "pauses": effect} for effect in ("transit", "receipts")]
    others: list[dict[str, Any]] = [{"at": "hub_1", "keeps": 0.2}, {"at": "hub_1", "delay": 2}]
    return {
        **keys,
        "suppliers": {"supplier_overseas": {"price_breaks": [{"from": 50, "discount": 0.02}, {"from": 100, "discount": 0.05}]}},
        "regimes": {"storm": {"when": STORM}},
        "disruptions": [{**event, **often} for event in (*pauses, *others)],
        "prices": [{"at": "supplier_overseas", key: 0.25, **often} for key in ("tariff", "factor")],
        "shifts": [{"from": stores[:4], "to": stores[4:], "share": 0.3, "when": {"type": "regime", "name": "storm"}}],
        "promotions": [{"at": stores, "uplift": 3, "chance": 0.04, "length": 3, "known_ahead": 5, "reported": 0.3}],
        "returns": [{"from": stores, "to": "hub_1", "share": 0.1, "spread": 0.1, "delay": 5}],
        "carbon": {"price": 0.1, "allowance": 10},
    }


def world_work(keys: dict[str, Any], copies: int = 1024, horizon: int | None = None) -> Work:
    """An episode of a scenario at constant levels, reset included."""
    simulator = orderup.Simulator(keys, batch=copies, dtype="float32", horizon=horizon)
    simulator.reset(seed=0)
    agent = make_agent("base_stock")
    agent.reset(simulator.context())
    decision = agent.act(simulator.information)

    def episode() -> None:
        simulator.reset(seed=0)
        while not simulator.done:
            simulator.advance(decision)

    return episode


def everything_on(rounds: int) -> float:
    """How many times as long an episode takes with every mechanism on."""
    quiet, loud = (best(world_work(keys), rounds) for keys in (quiet_scenario(), loud_scenario()))
    return loud / quiet


def gradient_work(copies: int = 1024) -> Work:
    """50 periods, float32, forward and backward through the whole episode."""
    simulator = orderup.Simulator(LINE, batch=copies, backend="torch", dtype="float32", horizon=50)
    levels = torch.tensor([[23.0], [19.0], [19.0], [18.0]], requires_grad=True)

    def episode() -> None:
        simulator.reset(seed=0)
        cost = torch.zeros(copies)
        while not simulator.done:
            _, ledger, _ = simulator.step(orderup.Decision(level=levels))
            cost = cost + ledger.cost
        cost.mean().backward()  # type: ignore[no-untyped-call] # PyTorch leaves it without types

    return episode


def gradient(rounds: int, copies: int = 1024) -> float:
    """Periods per second of it."""
    return copies * 50 / best(gradient_work(copies), 2 * rounds)


def meshed_scenario() -> dict[str, Any]:
    """Eight stores with two warehouses each and lanes to a neighbour, a plant: 11 sites and 27 lanes."""
    stores = [f"store_{number}" for number in range(1, 9)]
    lanes: list[dict[str, Any]] = [
        {"from": f"warehouse_{which}", "to": store, "lead_time": which} for store in stores for which in (1, 2)
    ]
    lanes += [{"from": one, "to": other, "lead_time": 1, "lateral": True, "unit_cost": 0.5} for one, other in pairwise(stores)]
    lanes += [{"from": "plant_1", "to": f"warehouse_{which}", "lead_time": 2} for which in (1, 2)]
    lanes += [{"from": "supplier", "to": "plant_1", "lead_time": 2}]
    lanes += [{"from": "supplier", "to": "warehouse_1", "lead_time": 4, "unit_cost": 0.2}]
    return {
        "name": "meshed",
        "horizon": 100,
        "sites": {
            **{store: {"holding": 1} for store in stores},
            **{f"warehouse_{which}": {"holding": 0.5} for which in (1, 2)},
            "plant_1": {"holding": 0.25},
        },
        "lanes": lanes,
        "customers": [
            {"site": store, "shortage": 9, "demand": {"type": "poisson", "mean": 11 + number}}
            for number, store in enumerate(stores)
        ],
    }


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


def planning_work(periods: int) -> Work:
    """The same decisions, with the periods between them."""
    simulator = orderup.Simulator(meshed_scenario(), "central_ideal", horizon=periods)
    agent = make_agent({"type": "mpc", "scenarios": 20, "horizon": 15})

    def episode() -> None:
        information = simulator.reset(seed=0)
        agent.reset(simulator.context(seed=1))
        while not simulator.done:
            information, _, _ = simulator.step(agent.act(information))

    return episode


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


def stepping(autonomy: str, copies: int) -> Callable[[], float]:
    """CPU-seconds of 60 periods of an autonomy level, the decisions being constant levels worked out before."""
    simulator = orderup.Simulator(SCENARIO, autonomy, batch=copies)
    seating = Seating(simulator, seated(make_agent("base_stock"), simulator))
    seating.reset(seed=0)
    decisions, trace = seating.decisions(), simulator.trace
    assert trace is not None

    def episode() -> float:
        simulator.replay(trace)
        start = time.process_time()
        for _ in range(60):
            simulator.advance(decisions)
        return time.process_time() - start

    return episode


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
