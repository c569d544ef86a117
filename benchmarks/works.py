"""What is timed: episodes ready to be played, each made by a function of its own.

`python -m benchmarks.side_by_side` asks other checkouts for them too, by these names.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import orderup
from benchmarks.bench_networks import meshed_scenario, wide_scenario
from orderup.agents import make_agent
from orderup.agents.team import seated
from orderup.envs.api.seats import Seats
from orderup.envs.seating import Seating

Work = Callable[[], object]
LINE = "serial_poisson"
SCENARIO = "owmr"


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
