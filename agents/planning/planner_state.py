"""A planner's own records: its orders, what it knows of those under way, and how a plan becomes a decision.

Letters: T periods, L lanes, N sites, K products, B batch.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .programs.lots import has_lots
from .programs.problem import InitialState, PlanningProblem, Truths
from .view import PlannerView


class PlannerState:
    """Where a planner sits at a level of autonomy.

    One that places the orders itself (a centre, or all sites of an autonomous network) keeps a record of them, and plans from
    the time of its feed; another takes its feed for the present.
    """

    def __init__(self, network: Network, autonomy: Autonomy, planner: bool, batch: int, fallback: Floats) -> None:
        self.network, self._levels = network, fallback
        seats = (PLANNER,) if planner else ()
        centre = autonomy.knows_orders(seats)
        self.keeps_record = centre if planner else not autonomy.has_planner
        self.approval = autonomy.approval_latency if centre else 0
        self.cadence = autonomy.cadence if centre else 1
        self.dated = autonomy.plans_ahead if centre and not has_lots(network) else 0
        """For how many periods after this one it plans orders now; in lots it plans one alone until it decides again."""
        self._ahead_of = autonomy.plans_ahead if centre else 0
        self._sets_levels = autonomy.sets_levels(seats)
        reach = autonomy.feed_latency + self.approval + int(network.times.order_delay.max()) + 1
        self._record: deque[Floats] = deque(maxlen=reach)
        """What was ordered, the latest last (B, L, K)."""
        self._ahead: deque[Floats] = deque()
        """What it has dated for the periods until it decides again, the next first (B, L, K)."""
        self._until = 0
        self._nothing = np.zeros((batch, len(network.lanes), len(network.products)))

    def decides(self, period: int) -> bool:
        """Whether an order placed now goes out; the periods since the last look, with what was dated for them, are recorded."""
        while self._until < period:
            self._record.append(self._ahead.popleft() if self._ahead else self._nothing)
            self._until += 1
        return period % self.cadence == 0

    def wait(self, view: PlannerView) -> Decision:
        """Nothing, in a period in which nobody asks."""
        return Decision(quantity=self._nothing)

    def decide(self, orders: Floats, view: PlannerView, age: int) -> Decision:
        """Place orders (B, 1 + D, L, K), those dated for later periods among them, or set the levels that the first come to."""
        self._ahead.extend(np.moveaxis(orders[:, 1:], 1, 0))
        later, orders = orders[:, 1:], orders[:, 0]
        self._record.append(orders)
        self._until += 1
        if not self._sets_levels:
            return Decision(quantity=orders, later=self._dated(later))
        rows = [self._with_orders(view.of(episode), orders[episode], episode, age) for episode in range(len(orders))]
        return Decision(level=np.stack(rows))

    def _dated(self, later: Floats) -> Floats | None:
        """Orders of the periods until it decides again (B, P, L, K), nothing where none are planned."""
        if self.dated or not self._ahead_of:
            return later if self.dated else None
        return np.stack([self._nothing] * self._ahead_of, axis=1)

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
        """Orders (1 + D, L, K): up to closed-form levels, downstream first, and what mean demand takes in later periods."""
        network = self.network
        mean = network.loads.mean[network.topology.destination, :, 0] * network.topology.is_main
        return np.stack([self._up_to_levels(view, episode, age), *[mean] * self.dated])

    def _up_to_levels(self, view: PlannerView, episode: int, age: int) -> Floats:
        """Orders (L, K) up to closed-form levels."""
        orders = np.zeros_like(self._levels)
        for lane, now in self._sequence():
            there = self._with_orders(view, orders, episode, age)[lane]
            orders[lane] = np.where(now, np.maximum(self._levels[lane] - there, 0.0), orders[lane])
        return orders

    def _sequence(self) -> list[tuple[int, Truths]]:
        """Lanes in the order in which they order, and what they carry (K,): laterals first, then by their site's level.

        A site orders what it makes before the parts of that, each by the quicker lane first.
        """
        topology, times = self.network.topology, self.network.times.protection
        turn = np.where(topology.is_lateral[:, None], 0, topology.turn[topology.destination])
        height = np.where(topology.is_lateral, -1, np.array(topology.echelon)[topology.destination])
        lanes = sorted(
            (int(height[lane]), number, int(times[lane]), lane)
            for lane in range(len(turn))
            for number in np.unique(turn[lane]).tolist()
        )
        carried = np.ones(turn.shape) if self.network.limits.carried is None else self.network.limits.carried[:, :, 0]
        return [(lane, (turn[lane] == number) & (carried[lane] > 0)) for _, number, _, lane in lanes]

    def _with_orders(self, view: PlannerView, orders: Floats, episode: int, age: int) -> Floats:
        """Level (L, K) up to which each lane's site stands once `orders` are placed, as it would count at execution.

        A lane looks at what arrives no later than its own order would; what internal customers order now is counted first, and
        parts of what is to be made.
        """
        network, position = self.network, view.position(self.network)
        since = self._since(episode, age)
        placed, asked = orders + since, np.zeros_like(position)
        known = (network.times.order_delay == 0) | self.keeps_record
        inside = (network.topology.source >= 0) & known
        np.add.at(position, network.topology.destination, network.joined(since[:, :, None])[:, :, 0])
        np.add.at(asked, network.topology.source[inside], placed[inside])
        if network.recipes is not None:
            asked += network.recipes.used((placed * known[:, None])[:, :, None])[:, :, 0]
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
        level = position[site] - view.late(network, lane) + orders[counted].sum(axis=0) + self._beside(lane, orders)
        found: Floats = level if network.topology.is_lateral[lane] else level - asked[site]
        return found

    def _beside(self, lane: int, orders: Floats) -> Floats:
        """What comes beside what is to be made at a lane's site (K,), of orders placed before its own and in time for these."""
        network, found = self.network, np.zeros(orders.shape[1])
        if network.recipes is None or network.recipes.beside is None:
            return found
        beside, times, turn = network.recipes.beside, network.times.protection, network.topology.turn
        site = int(network.topology.destination[lane])
        goods = beside.of(orders[:, :, None])[:, :, 0]
        for row, product, amounts in zip(beside.rows, beside.product, goods, strict=True):
            if network.topology.destination[row] == site and times[row] <= times[lane]:
                first = (times[row], row) < (times[lane], lane)
                found += amounts * ((turn[site, product] < turn[site]) | (first & (turn[site, product] == turn[site])))
        return found

    def _since(self, episode: int, age: int) -> Floats:
        """What was ordered since the feed's time (L, K)."""
        if not (self.keeps_record and age):
            return 0.0 * self._levels
        found: Floats = sum((orders[episode] for orders in list(self._record)[-age:]), 0.0 * self._levels)
        return found
