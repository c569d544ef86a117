"""What every seat sees in the middle of an episode, and whose records it may look into."""

from __future__ import annotations

from typing import Any

from orderup.envs.autonomy.autonomy import PLANNER, VISIBILITIES
from orderup.envs.information.observation import Observer
from orderup.envs.information.snapshot import Snapshot
from orderup.envs.seating import Seating, UsualLevel
from orderup.envs.simulator import Simulator


def running(scenario: Any, autonomy: Any, periods: int = 6, batch: int = 2) -> Simulator:
    """A simulator in the middle of an episode under usual levels."""
    simulator = Simulator(scenario, autonomy, batch=batch, horizon=12)
    seating = Seating(simulator, dict.fromkeys(simulator.seats, UsualLevel()))
    seating.reset(seed=3)
    for _ in range(periods):
        simulator.advance(seating.decisions())
    return simulator


def seen(simulator: Simulator) -> dict[str, bytes]:
    """Every seat's observation."""
    found: dict[str, bytes] = {}
    for party in ("sites", "planner"):
        if getattr(simulator.autonomy, f"has_{party}"):
            information = simulator.information_of(party)
            observer = Observer(simulator.numpy_network, simulator.autonomy, information.seats)
            shown = information.observations(information.compiled(observer, simulator.backend))
            found |= {seat: shown[:, number].tobytes() for number, seat in enumerate(information.seats)}
    return found


def past_of(simulator: Simulator) -> list[Snapshot]:
    """The periods of the past that the feed will still show, and the present, the youngest last."""
    return list(simulator._feed._history)


def rewrite(simulator: Simulator, age: int, snapshot: Snapshot, now: Snapshot) -> None:
    """Let a period of some age, which may be the present, `now`, have been another."""
    simulator._feed._history[-1 - age] = snapshot
    simulator.now = snapshot if age == 0 else now
    simulator._feed.shows = simulator._feed._shown(simulator.now)


def in_sight(simulator: Simulator, seat: str) -> set[int]:
    """The sites whose records a seat may see."""
    everybody, visibility = set(range(len(simulator.numpy_network.sites))), simulator.autonomy.visibility
    if seat == PLANNER or VISIBILITIES.index(visibility) >= VISIBILITIES.index("shared"):
        return everybody
    site, network = simulator.numpy_network.sites.index(seat), simulator.numpy_network
    ends = list(zip(network.topology.source.tolist(), network.topology.destination.tolist(), strict=True))
    near = {s for s, d in ends if d == site and s >= 0} | {d for s, d in ends if s == site}
    return {site} | (near if visibility == "neighbours" else set())


def own(simulator: Simulator, seat: str) -> set[int]:
    return set() if seat == PLANNER else {simulator.numpy_network.sites.index(seat)}
