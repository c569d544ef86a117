"""The same seats twice, one pair of hands and two ways to play: array by array, and by recorded programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.envs.api.seats import Seats
from orderup.envs.catalogue import list_autonomy, load_autonomy
from orderup.envs.recording.leaves import taken_apart
from orderup.envs.recording.machine import can_compile
from orderup.envs.simulator import Ledger, Party

needs_numba = pytest.mark.skipif(not can_compile(), reason="programs are run by Numba, the extra orderup[compiled]")
LATE = [name for name in list_autonomy() if load_autonomy(name).feed_latency or load_autonomy(name).feed_noise]
LEVELS = [name for name in list_autonomy() if name not in LATE]
"""Levels that can be recorded: nobody looks at a feed that is late or noisy."""
Actions = dict[Party, NDArray[np.float32]]


def drawn(seats: Seats, rng: np.random.Generator) -> Actions:
    """Actions of all open seats (B, S, A)."""
    batch = seats.simulator.batch
    return {
        view.party: rng.uniform(-1, 1, (batch, len(view.names), view.actions.size)).astype(np.float32) for view in seats.views
    }


def equal(one: Any, other: Any, what: str) -> None:
    """Bit for bit but for the sign of zero, in one type; an array may have one number for a whole batch."""
    assert one.dtype == other.dtype or one.dtype.kind == "i", what  # times may be whole numbers, and come back as others
    either, another = np.broadcast_arrays(one, other)
    assert np.array_equal(either, another, equal_nan=True), what


def look(seats: Seats) -> list[Any]:
    """All that can be looked at between two periods: state, flows, feed, what is under way, the centre's word."""
    simulator, found = seats.simulator, list[Any]()
    now, feed, centre = simulator.now, simulator.feed, simulator.centre
    seen = now.state, now.flows, now.target, feed.state, feed.flows, feed.recent, feed.since
    everything = (*seen, simulator.carry, centre.distance, centre.target)
    taken_apart(everything, found, simulator.batch)
    return [*found, seats.state(), np.array(now.period), *(view.observations() for view in seats.views)]


class Twins:
    """Two of the same seats, of which the second are recorded from the beginning on."""

    def __init__(self, scenario: Any, autonomy: Any = "autonomous_silo", batch: int = 3, **options: Any) -> None:
        self.plain = Seats(scenario, autonomy, batch=batch, compiled=False, **options)
        self.recorded = Seats(scenario, autonomy, batch=batch, compiled=False, **options)
        self.recorded.record()
        self.rng = np.random.default_rng(1)

    @property
    def refusal(self) -> str | None:
        """Why steps are not recorded; None where they are."""
        assert self.recorded.recorded is not None
        return self.recorded.recorded.refusal

    def reset(self, seed: int | None = None) -> None:
        for seats in (self.plain, self.recorded):
            seats.reset(seed)
        for one, other in zip(look(self.plain), look(self.recorded), strict=True):
            equal(one, other, "as episodes begin")

    def step(self, actions: Actions | None = None) -> tuple[Ledger, bool]:
        """One period of both, of which all that a step says is compared."""
        acted = drawn(self.plain, self.rng) if actions is None else actions
        (plain, done), (recorded, also_done) = (seats.step(acted) for seats in (self.plain, self.recorded))
        assert done == also_done
        equal(plain.by_site, recorded.by_site, "cost by site")
        equal(plain.cost, recorded.cost, "cost")
        assert list(plain.by_term) == list(recorded.by_term)
        for name, paid in plain.by_term.items():
            equal(paid, recorded.by_term[name], name)
        for view, other in zip(self.plain.views, self.recorded.views, strict=True):
            rewards = self.plain.rewards(view, plain), self.recorded.rewards(other, recorded)
            assert rewards[0].shape == rewards[1].shape
            equal(*rewards, "rewards")
            seen, shown = view.observations(), other.observations()
            assert seen.shape == shown.shape
            equal(seen, shown, "observations")
        return recorded, done

    def look(self) -> None:
        """Compare all that there is to be looked at."""
        for number, (one, other) in enumerate(zip(look(self.plain), look(self.recorded), strict=True)):
            equal(one, other, f"array {number} of what can be looked at")

    def play(self, looks: tuple[int, ...] = ()) -> None:
        """To the end of the episodes, with a look after some periods."""
        done = False
        while not done:
            _, done = self.step()
            if self.plain.simulator.period in looks:
                self.look()


def begun(scenario: Any, autonomy: Any = "autonomous_silo", seed: int = 5, **options: Any) -> Twins:
    twins = Twins(scenario, autonomy, **options)
    twins.reset(seed)
    return twins
