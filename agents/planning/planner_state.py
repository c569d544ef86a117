"""A planner's own records: its orders, what it knows of those under way, and how a plan becomes a decision.

Letters: T periods, L lanes, N sites, K products, B batch.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .problem import InitialState, Places, PlanningProblem
from .view import PlannerView


class PlannerState:
    """Where a planner sits at a level of autonomy.

    One that places the orders itself (a centre, or all sites of an autonomous network) keeps a record of them, and plans from
    the time of its feed; another takes its feed for the present.
    """

    def __init__(self, network: Network, autonomy: Autonomy, planner: bool, batch: int, fallback: Floats) -> None:
        self.network, self._levels = network, fallback
        centre = planner and autonomy.acts.places_orders
        self.keeps_record = centre if planner else not autonomy.has_planner
        self.approval = autonomy.approval_latency if centre else 0
        self.cadence = autonomy.cadence if centre else 1
        self._sets_levels = autonomy.acts.executes_levels
        reach = autonomy.feed_latency + self.approval + int(network.times.order_delay.max()) + 1
        self._record: deque[Floats] = deque(maxlen=reach)
        """What was ordered, the latest last (B, L, K)."""
        self._until = 0
        self._nothing = np.zeros((batch, len(network.lanes), len(network.products)))

    def decides(self, period: int) -> bool:
        """Whether an order placed now goes out; the periods since the last look, in which none could be, are recorded."""
        while self._until < period:
            self._record.append(self._nothing)
            self._until += 1
        return period % self.cadence == 0

    def wait(self, view: PlannerView) -> Decision:
        """Nothing, in a period in which nobody asks."""
        return Decision(quantity=self._nothing)

    def decide(self, orders: Floats, view: PlannerView, age: int) -> Decision:
        """Place orders (B, L, K), or set the levels that they come to."""
        self._record.append(orders)
        self._until += 1
        if not self._sets_levels:
            return Decision(quantity=orders)
        rows = [self._with_orders(view.of(episode), orders[episode], episode, age) for episode in range(len(orders))]
        return Decision(level=np.stack(rows))

    def start(self, view: PlannerView, period: int, age: int, problem: PlanningProblem, episode: int) -> InitialState:
        """Where an episode stands at the time of the feed, `age` periods before `period`, and what was ordered until now."""
        network = self.network
        known = self._known(period - age, problem, episode)
        periods = np.arange(problem.periods)[:, None, None]
        before = (known * (periods < (problem.wait - age)[:, None])).sum(axis=0)
        return InitialState(
            on_hand=np.maximum(view.on_hand, 0.0),
            backlog=np.maximum(view.by_customer(network), 0.0),
            arriving=view.arriving(problem.periods, network, problem.lead_time[0]),
            open_orders=np.maximum(view.unfilled - before, 0.0),
            known=known,
        )

    def _known(self, first: int, problem: PlanningProblem, episode: int) -> Floats:
        """What was ordered before now, by the period after `first` in which it reaches its source (T, L, K)."""
        found, network = np.zeros((problem.periods, *self._nothing.shape[1:])), self.network
        if not self.keeps_record:
            return found
        delay = network.times.order_delay + self.approval
        for number, orders in enumerate(reversed(self._record), start=1):
            due = self._until - number + delay - first
            there = np.flatnonzero((due >= 0) & (due < problem.periods))
            found[due[there], there] += orders[episode, there]
        arrives = first + np.arange(problem.periods)[:, None, None]
        found += network.start.lane_initial[:, :, 0] * (arrives < network.times.order_delay[:, None])
        return found

    def fallback(self, view: PlannerView, episode: int, age: int) -> Floats:
        """Orders (L, K) up to closed-form levels, downstream first."""
        orders = np.zeros_like(self._levels)
        for lane in np.lexsort((self.network.times.protection, self._turn)):
            there = self._with_orders(view, orders, episode, age)[lane]
            orders[lane] = np.maximum(self._levels[lane] - there, 0.0)
        return orders if self.network.limits.carried is None else orders * self.network.limits.carried[:, :, 0]

    @property
    def _turn(self) -> Places:
        """When each lane orders (L,): laterals first, then by their site's level."""
        found: Places = np.where(
            self.network.topology.is_lateral, -1, np.array(self.network.topology.echelon)[self.network.topology.destination]
        )
        return found

    def _with_orders(self, view: PlannerView, orders: Floats, episode: int, age: int) -> Floats:
        """Level (L, K) up to which each lane's site stands once `orders` are placed, as it would count at execution.

        A lane looks at what arrives no later than its own order would; what internal customers order now is counted first.
        """
        network, position = self.network, view.position(self.network)
        since = self._since(episode, age)
        placed, asked = orders + since, np.zeros_like(position)
        inside = (network.topology.source >= 0) & ((network.times.order_delay == 0) | self.keeps_record)
        np.add.at(position, network.topology.destination, since)
        np.add.at(asked, network.topology.source[inside], placed[inside])
        return np.stack([self._level(view, lane, position, asked, orders) for lane in range(len(orders))])

    def _level(self, view: PlannerView, lane: int, position: Floats, asked: Floats, orders: Floats) -> Floats:
        network, site = self.network, self.network.topology.destination[lane]
        own, number = network.times.protection[lane], np.arange(len(orders))
        quick = (network.times.protection < own) | ((network.times.protection == own) & (number <= lane))
        counted = (
            quick
            & (network.topology.destination == site)
            & (network.topology.is_lateral | (not network.topology.is_lateral[lane]))
        )
        level = position[site] - view.late(network, lane) + orders[counted].sum(axis=0)
        found: Floats = level if network.topology.is_lateral[lane] else level - asked[site]
        return found

    def _since(self, episode: int, age: int) -> Floats:
        """What was ordered since the feed's time (L, K)."""
        if not (self.keeps_record and age):
            return 0.0 * self._levels
        found: Floats = sum((orders[episode] for orders in list(self._record)[-age:]), 0.0 * self._levels)
        return found
