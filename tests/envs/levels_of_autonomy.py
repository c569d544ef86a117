"""One network at several levels of autonomy, under the same random decisions of a centre and of sites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.numerics.arrays import Floats
from orderup.envs.simulator import Simulator

from .networks import Case, decision_maker

Script = Callable[[int], Decision]


def level(authority: str = "autonomous", **keys: Any) -> Autonomy:
    """A level at which everybody sees all, unless told otherwise; `approve` lets everything through."""
    if authority == "approve":
        keys = {"approval_threshold": "inf", **keys}
    return load_autonomy({"name": "test", "visibility": "shared", "authority": authority, **keys})


def scripts(simulator: Simulator, case: Case) -> tuple[Script, Script]:
    """What a centre and sites decide in every period, at random: the same for every level of the same network."""
    found = []
    for number, form in enumerate(("level", case.form)):
        decide = decision_maker(simulator.numpy_network, simulator.batch, form, 2 * case.seed + number)
        decided = [decide() for _ in range(simulator.horizon)]
        found.append(decided.__getitem__)
    return found[0], found[1]


def decisions(simulator: Simulator, centre: Script, sites: Script) -> Decisions:
    """Those of the coming period, of the parties that decide at this level."""
    autonomy, now = simulator.autonomy, simulator.now.period
    return Decisions(centre(now) if autonomy.has_planner else None, sites(now) if autonomy.has_sites else None)


def begun(case: Case, autonomy: Autonomy, batch: int = 2, **options: Any) -> Simulator:
    """A simulator of a case whose episodes have begun."""
    simulator = Simulator(case.scenario, autonomy, batch=batch, **options)
    simulator.reset(seed=case.seed)
    return simulator


def played(case: Case, autonomy: Autonomy, centre: Script | None = None, sites: Script | None = None) -> list[Floats]:
    """What every site pays (N, B), what is on hand (N, K, B) and what was ordered (L, K, B), period by period."""
    simulator = begun(case, autonomy)
    by_centre, by_sites = scripts(simulator, case)
    seen: list[Floats] = []
    while not simulator.done:
        _, ledger, _ = simulator.step(decisions(simulator, centre or by_centre, sites or by_sites))
        assert simulator.now.flows is not None
        seen += [ledger.by_site, simulator.now.state.on_hand, simulator.now.flows.orders]
    return seen


def same(one: Sequence[Floats], other: Sequence[Floats]) -> bool:
    """To the bit."""
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def says(*numbers: float) -> NDArray[np.float32]:
    """A learner's action."""
    return np.array(numbers, dtype=np.float32)
