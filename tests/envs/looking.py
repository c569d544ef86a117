"""What every seat sees in the middle of an episode, and whose records it may look into."""

from __future__ import annotations

from typing import Any, TypeAlias

from orderup.envs.autonomy.autonomy import PLANNER, VISIBILITIES
from orderup.envs.information.observation import Compiled, Observer
from orderup.envs.information.snapshot import Snapshot
from orderup.envs.network.network import Network
from orderup.envs.seating import Seating, UsualLevel
from orderup.envs.simulator import Party, Simulator

Ready: TypeAlias = dict[Party, Compiled]


def running(scenario: Any, autonomy: Any, periods: int = 6, batch: int = 2) -> Simulator:
    """A simulator in the middle of an episode under usual levels."""
    simulator = Simulator(scenario, autonomy, batch=batch, horizon=12)
    seating = Seating(simulator, dict.fromkeys(simulator.seats, UsualLevel()))
    seating.reset(seed=3)
    for _ in range(periods):
        simulator.advance(seating.decisions())
    return simulator


def ready(simulator: Simulator) -> Ready:
    """Every party's observer, compiled once for all that its seats will see."""
    found: Ready = {}
    parties: tuple[Party, ...] = ("sites", "planner")
    for party in parties:
        if getattr(simulator.autonomy, f"has_{party}"):
            information = simulator.information_of(party)
            observer = Observer(simulator.numpy_network, simulator.autonomy, information.seats)
            found[party] = information.compiled(observer, simulator.backend)
    return found


def seen(simulator: Simulator, observers: Ready | None = None) -> dict[str, bytes]:
    """Every seat's observation, by observers that are ready or by new ones."""
    found: dict[str, bytes] = {}
    for party, observer in (observers or ready(simulator)).items():
        information = simulator.information_of(party)
        shown = information.observations(observer)
        found |= {seat: shown[:, number].tobytes() for number, seat in enumerate(information.seats)}
    return found


def past_of(simulator: Simulator) -> list[Snapshot]:
    """The periods of the past that the feed will still show, and the present, the youngest last."""
    feed = simulator._feed
    return [simulator.now] if feed._is_present else list(feed._history)


def rewrite(simulator: Simulator, age: int, snapshot: Snapshot, now: Snapshot) -> None:
    """Let a period of some age, which may be the present, `now`, have been another."""
    feed, simulator.now = simulator._feed, snapshot if age == 0 else now
    if not feed._is_present:
        feed._history[-1 - age] = snapshot
    feed.shows = feed._shown(simulator.now)


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


def sees_demand(network: Network, row: int) -> bool:
    """Whether the site of a customer row sees all that is asked for, of any product."""
    alone = network.fulfilment.sales_alone
    return alone is None or bool((alone[row] == 0).any())


def sees_sales(network: Network, row: int) -> bool:
    """Whether it sees what was sold, of any product."""
    alone = network.fulfilment.sales_alone
    return alone is not None and bool((alone[row] > 0).any())


def hearing(network: Network, lane: int) -> set[int]:
    """The sites that an order by a lane asks something of: its source, or that where it needs parts."""
    keys = network.scenario_lane(network.lanes[lane])
    if keys.makes:
        return {int(network.topology.destination[lane])} if keys.uses else set()
    return {int(network.topology.source[lane])} - {-1}
