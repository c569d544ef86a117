"""The simulator: a batch of episodes of one network under one level of autonomy.

Letters: B batch, N sites, L lanes, K products. The only mutable object of the core; everything it does is done by functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from .authority.centre import Centre
from .autonomy.autonomy import PLANNER, Autonomy
from .autonomy.purview import pooled, purview, settled
from .books.days import Books, Day, Reading, read_books
from .books.on_record import OnRecord
from .catalogue import load_autonomy, load_scenario
from .foundation.errors import InputError, UnknownName
from .foundation.whole_numbers import checked_count, checked_seed
from .information.feed import Feed
from .information.information import Information
from .information.policy import Context
from .information.snapshot import Snapshot
from .network.building import build
from .network.network import Network
from .network.topology import compile_topology
from .numerics.arrays import Array
from .numerics.backend import Backend
from .period import Carry, play
from .physics.decision import Decision, Decisions, Intake
from .physics.ledger import terms_of
from .physics.period_ledger import Ledger as Ledger
from .physics.state import Flows, State, start
from .scenario.scenario import Scenario
from .trace.size import LARGEST_BATCH, LARGEST_HORIZON, check_size
from .trace.trace import Trace, draw_trace

Party: TypeAlias = Literal["sites", "planner"]

SPLITS = ("train", "validation", "test")


class Simulator:
    """A batch of episodes.

    `scenario` and `autonomy` are names, paths, mappings or the objects themselves. `horizon` overrides the scenario's; `split`
    says which window recorded demand is drawn from; `backend`, `device` and `dtype` say where the numbers live; `to_the_end`
    whether the last period is an episode's end, and not that of a stretch of it. Raises InputError for anything that cannot be.
    """

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        *,
        batch: int = 1,
        backend: str = "numpy",
        device: str | None = None,
        dtype: str = "float64",
        horizon: int | None = None,
        split: str = "train",
        to_the_end: bool = True,
    ) -> None:
        self.scenario: Scenario = load_scenario(scenario)
        topology = compile_topology(self.scenario)
        self.autonomy: Autonomy = settled(load_autonomy(autonomy), topology)
        """The level as it is on this network: a share of sites is a purview, and who has nothing to decide is not there."""
        self.within = purview(self.autonomy, topology)
        """Which lanes and products the sites may decide (L, K)."""
        self.batch = checked_count(batch, "batch", LARGEST_BATCH)
        self.horizon = self.scenario.horizon if horizon is None else checked_count(horizon, "horizon", LARGEST_HORIZON)
        places = len({(entry.site, entry.segment) for entry in self.scenario.customers})
        check_size(places * len(self.scenario.products), self.horizon, self.batch)
        if split not in SPLITS:
            raise UnknownName("split", split, SPLITS)
        self.split = split
        self.backend = Backend(backend, device, dtype)
        self.numpy_network: Network = build(self.scenario, pooled(self.autonomy, self.within))
        """The network in NumPy, for everything that is worked out once."""
        self.network: Network = self.numpy_network.on(self.backend.asarray)
        self.ledger_terms = terms_of(self.numpy_network)
        self._to_the_end = to_the_end
        self._books: tuple[Day, ...] = ()
        self.discounts = self.scenario.discount < 1.0
        """Whether later money counts less."""
        self._first_weight = first_weight(self.scenario, self.horizon)
        self._zeros = self.backend.zeros(1, 1, batch)
        self._on_record = OnRecord(self.network, self.backend, self._zeros)
        self._intake = Intake.of(self.backend, batch, self.numpy_network)
        self._sites_decide = self.autonomy.has_sites
        self._seed: int | None = None
        self._behind: Callable[[], None] | None = None
        self._next_episode = 0
        self.episodes = np.arange(batch)
        """Numbers of the episodes under way (B,)."""
        self.trace: Trace | None = None
        self._begin()

    @classmethod
    def from_state(
        cls, scenario: Any, autonomy: Any, books: Any, *, reading: Reading | None = None, **options: Any
    ) -> Simulator:
        """A simulator whose episodes start from a real state: today's stock, what is owed and what is under way.

        `books` are a folder with `stock.csv` and the like, these as paths or pandas data frames by name, or what
        orderup.envs.books.days.read_books has made of them; `reading` says how they are read. Periods before today that are on
        record are what a late feed shows. `options` are the simulator's; `horizon` counts from today. Every episode starts
        there, whatever its seed. Raises InputError with the file, the row and the column of whatever cannot be.
        """
        simulator = cls(scenario, autonomy, **options)
        found = books if isinstance(books, Books) else read_books(simulator.numpy_network, simulator.autonomy, books, reading)
        found.check_beginning(simulator.autonomy, LARGEST_HORIZON - simulator.horizon)
        simulator._books = found.days
        simulator._begin()
        return simulator

    def __getstate__(self) -> dict[str, Any]:
        """Everything, once it has caught up."""
        if self._behind is not None:
            self._behind()
        return self.__dict__

    @cached_property
    def site_seats(self) -> tuple[str, ...]:
        """The sites that decide something, in the network's order."""
        decided = {int(self.numpy_network.topology.destination[lane]) for lane in np.flatnonzero(self.within.any(axis=1))}
        return tuple(name for number, name in enumerate(self.numpy_network.sites) if number in decided)

    @cached_property
    def seats(self) -> tuple[str, ...]:
        """All who decide: the sites, then the planner."""
        return self.site_seats + ((PLANNER,) if self.autonomy.has_planner else ())

    @cached_property
    def names(self) -> dict[str, str]:
        """The seat of each agent: a site under its own name, the planner."""
        there = {agent: name for agent, name in self.scenario.agents.items() if name in self.site_seats}
        order = sorted(there, key=lambda agent: self.site_seats.index(there[agent]))
        return {agent: there[agent] for agent in order} | ({PLANNER: PLANNER} if self.autonomy.has_planner else {})

    def seat_of(self, name: str) -> str:
        """The seat that goes by a name, a site's own or its agent's; what is none stays as it is."""
        return name if name in self.seats else self.names.get(name, name)

    @property
    def begins(self) -> int:
        """The number of the period in which episodes begin: 0, or today's where they start from a state on record."""
        return self._books[-1].period if self._books else 0

    @property
    def seed(self) -> int:
        """Seed of the episodes under way; 0 before the first reset."""
        return self._seed or 0

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """Names of the ledger's terms that this network can incur."""
        return tuple(entry.name for entry in self.ledger_terms)

    def context(self, seed: int = 0, party: Party | None = None) -> Context:
        """What a policy is told before an episode: one that fills the sites' seats, or the planner's."""
        return Context(self.numpy_network, self.autonomy, self.backend, self.batch, seed, self.seats_of(party))

    def reset(self, seed: int | None = None, episodes: Any = None, draw: Callable[..., Trace] = draw_trace) -> Information:
        """Begin episodes: those numbered `episodes` (B,), else 0 … B−1 of a new seed, or the next B of the last one.

        `draw` is who draws their trace: `drawn_once` where others are to meet the same one.
        """
        if seed is not None:
            self._seed, self._next_episode = checked_seed(seed), 0
        elif self._seed is None:
            self._seed = int(np.random.SeedSequence().generate_state(1)[0])
        numbers = np.arange(self._next_episode, self._next_episode + self.batch) if episodes is None else np.asarray(episodes)
        if numbers.shape != (self.batch,):
            raise InputError("episodes", numbers.shape, f"{self.batch} numbers, one for each row of the batch")
        self._next_episode, self.episodes = int(numbers.max()) + 1, numbers
        noise = self.autonomy.feed_noise
        periods = self.begins + self.horizon
        return self.replay(draw(self.numpy_network, self.backend, self._seed, numbers, periods, self.split, noise))

    def replay(self, trace: Trace) -> Information:
        """Begin the episodes of a trace drawn before."""
        self.trace = trace
        self._begin()
        return self.information

    def _begin(self) -> None:
        outlook = None if self.trace is None else self.trace.outlook(0)
        self._behind, self.period = None, 0
        self._now = Snapshot(self.network, 0, start(self.network, self._zeros), None, outlook=outlook)
        self._centre = Centre.of(self.autonomy, self.numpy_network, self.network, self.within, self.backend)
        errors = None if self.trace is None else self.trace.feed_error
        remembers = self._centre.remembers if self.autonomy.has_planner else 0
        self._feed = Feed(self.autonomy, self._now, remembers, errors, self._centre.places)
        if self._books:
            first, *others = self._books
            self.open_at(first)
            for day in others:
                self.stand(day)

    def _recorded(self, day: Day) -> Snapshot:
        """What a period on record began with."""
        level = None if self._centre.target is None else self._centre.target.level
        return self._on_record.snapshot(day, level, None if self.trace is None else self.trace.outlook(day.period))

    def open_at(self, day: Day) -> None:
        """Be as at the beginning of a period on record, with nothing known of the periods before it."""
        self.now = self._recorded(day)
        remembers = self._centre.remembers if self.autonomy.has_planner else 0
        errors, misread = None if self.trace is None else self.trace.feed_error, self._on_record.as_batch(day.misread)
        self._feed = Feed(self.autonomy, self._now, remembers, errors, self._centre.places, misread)

    def stand(self, day: Day, decided: Array | None = None) -> None:
        """Be as at the beginning of the next period, which is on record; `decided` (L, K, B) where it is not what was ordered.

        The centre and its feed go on from the period before.
        """
        orders = decided if day.decided is None else self._on_record.as_batch(day.decided)
        self.now = self._recorded(day)
        nothing = 0.0 * self._now.state.on_order
        self._feed.add(self._now, nothing if orders is None else orders, self._on_record.as_batch(day.misread))

    @property
    def now(self) -> Snapshot:
        """The network as it is."""
        if self._behind is not None:
            self._behind()
        return self._now

    @now.setter
    def now(self, snapshot: Snapshot) -> None:
        self._now, self._behind, self.period = snapshot, None, snapshot.period

    @property
    def centre(self) -> Centre:
        """The centre as it is."""
        if self._behind is not None:
            self._behind()
        return self._centre

    @property
    def any_centre(self) -> Centre:
        """The level's centre, whatever it has in force: for what does not change from period to period."""
        return self._centre

    @property
    def centre_decides(self) -> bool:
        """Whether the period that is about to begin is one of the centre's."""
        return self._centre.decides(self.period)

    @property
    def is_behind(self) -> bool:
        """Whether the episodes have been played on by a recorded program, so that the snapshot is of an earlier period."""
        return self._behind is not None

    def run_ahead(self, catch_up: Callable[[], None]) -> None:
        """The next period has been played elsewhere; `catch_up` plays it here once somebody looks."""
        self._behind, self.period = catch_up, self.period + 1

    @property
    def carry(self) -> Carry:
        """What the next period goes on from."""
        return Carry.of(self.now, self._centre, self._feed.remembered)

    def settle(self, carry: Carry, flows: Flows | None, back: int = 0) -> None:
        """Be as after the periods that were played elsewhere, or as so many periods `back`; `flows` moved in the last one."""
        assert self.trace is not None  # periods have been played
        self._behind, self.period = None, self.period - back
        self._centre = carry.centre(self._centre, self.period)
        self._now = self._snapshot(carry.state, flows)
        self._feed.restart(self._now, carry.remembered)

    def _snapshot(self, state: State, flows: Flows | None) -> Snapshot:
        """The network as it is now."""
        assert self.trace is not None  # an episode is under way
        level = None if self._centre.target is None else self._centre.target.level
        return Snapshot(self.network, self.period, state, flows, level, outlook=self.trace.outlook(self.period))

    @property
    def sees_the_present(self) -> bool:
        """Whether nobody looks at a feed that is late or noisy."""
        return not self._feed.is_late

    @property
    def remembers(self) -> int:
        """Of how many periods the centre remembers what was ordered."""
        return self._feed.remembers

    @property
    def phase(self) -> int:
        """A period that is like the next one for everybody but the trace: the centre decides in both or in neither."""
        return self.period % self.phases

    @property
    def phases(self) -> int:
        """After how many periods everything comes round again, but for the trace."""
        if not self._centre.acts.has_planner:
            return 1
        usual = self._centre.usual
        return self.autonomy.cadence if usual is None else math.lcm(self.autonomy.cadence, len(usual))

    def ends_with(self, period: int) -> bool:
        """Whether a period is the last one, after which goods are worth what the scenario says."""
        return self._to_the_end and self.trace is not None and period + 1 == self.trace.periods

    def flags_of(self, decision: Decision) -> tuple[Array, Any]:
        """Which lanes a decision has go by their quantity, and whose levels are relative, as the core has them."""
        return self._intake.flags(decision)

    @property
    def feed(self) -> Snapshot:
        """What the feed shows now."""
        if self._behind is not None:
            self._behind()
        return self._feed.shows

    @property
    def information(self) -> Information:
        """What those who decide may know now: the sites where they do, else the planner."""
        return self.information_of(None)

    def information_of(self, party: Party | None) -> Information:
        """What the sites, or the planner, may know now."""
        return Information(self.now, self._feed.shows, self.autonomy, self.seats_of(party))

    @cached_property
    def _parties(self) -> dict[Party, tuple[str, ...]]:
        """The seats of each party that decides."""
        there: dict[Party, tuple[str, ...]] = {"sites": self.site_seats} if self.autonomy.has_sites else {}
        return there | {"planner": (PLANNER,)} if self.autonomy.has_planner else there

    @property
    def parties(self) -> tuple[Party, ...]:
        """Who decides: the sites, the planner, or both."""
        return tuple(self._parties)

    def seats_of(self, party: Party | None = None) -> tuple[str, ...]:
        """Those of a party; without one, the sites' where they decide, else the planner's."""
        if party is None:
            return next(iter(self._parties.values()))
        if party not in self._parties:
            raise UnknownName("party", party, self._parties)
        return self._parties[party]

    @property
    def done(self) -> bool:
        """Whether the episodes are over."""
        return self.trace is None or self.period >= self.trace.periods

    @property
    def has_ended(self) -> bool:
        """Whether the episodes are over, and what goods are worth then has been counted."""
        return self.done and self._to_the_end and self.numpy_network.mechanisms.ending is not None

    def weight(self, period: int) -> float:
        """How much a period's money counts: 1 on average over those after the warm-up."""
        return self._first_weight * self.scenario.discount ** (period - self.begins)

    def step(self, decision: Decision | Decisions) -> tuple[Information, Ledger, bool]:
        """One period. Raises RuntimeError when the episodes are over or none has begun."""
        ledger = self.advance(decision)
        return self.information, ledger, self.done

    def advance(self, decision: Decision | Decisions) -> Ledger:
        """One period, without a look at what the seats may know after it."""
        if self.trace is None or self.period >= self.trace.periods:
            raise RuntimeError("no episode is under way: call reset() first")
        now, ends = self.now, None
        if self.numpy_network.mechanisms.counts_the_end:
            ends = self._zeros + float(self.ends_with(now.period))
        shocks, decisions = self.trace.at(now.period), self.taken(decision)
        played = play(now, self._feed.shows, self._centre, decisions, shocks, self.ledger_terms, ends)
        self.period = now.period + 1
        self._now = self._snapshot(played.state, played.flows)
        self._feed.add(self._now, played.decided)
        return Ledger(played.paid, self.weight(now.period)) if self.discounts else Ledger(played.paid)

    def taken(self, decision: Decision | Decisions) -> Decisions:
        """All decisions as the core has them; one alone is the sites' where they decide, else the planner's."""
        taken = self._intake.taken
        if isinstance(decision, Decision):
            return Decisions(None, taken(decision)) if self._sites_decide else Decisions(taken(decision))
        planner, sites = decision
        return Decisions(None if planner is None else taken(planner), None if sites is None else taken(sites))


def first_weight(scenario: Scenario, horizon: int) -> float:
    """How much the first period's money counts, so that those after the warm-up count 1 on average."""
    warmup = scenario.warmup if scenario.warmup < horizon else 0
    return (horizon - warmup) / float(np.sum(scenario.discount ** np.arange(warmup, horizon)))
