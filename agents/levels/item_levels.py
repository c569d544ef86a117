"""Order-up-to levels in closed form where goods are made: newsvendor quantiles of the demand that is exploded to each item.

Letters: N sites, L lanes, K products. For an assembly these are the averages of the bounds of Shang and Song (Management
Science 49, 2003) on the serial line that it is equivalent to; where its parts take equally long, local levels are as good. What
goes into several products is treated as if it went into one that costs what these do on the average.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from orderup.envs.network.loads import Item
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .covering import between, replaced_losses
from .explosion import Explosion, Use
from .sources import Split, below_the_last, capacities, filling_in, slowest, splits


class ItemLevels:
    """The levels of one network, for orders `wait` periods late and dated `ahead`; `all_known` as in echelon_levels."""

    def __init__(self, network: Network, all_known: bool, wait: int, ahead: int) -> None:
        self._network, self._wait, self._ahead = network, wait, ahead
        self._explosion = Explosion(network, delays_below=not all_known)

    def echelons(self) -> Floats:
        """Echelon levels (N, K) by main lanes."""
        found = np.zeros(self._network.topology.main_lanes.shape)
        for item in self._explosion.takes:
            found[item] = self._echelon(item, self._explosion.main_lane(item))
        return found

    def installations(self, echelon: Floats) -> Floats:
        """What is left of echelon levels for each lane's own (L, K), as far as they can be reached."""
        network, own = self._network, self._reachable(echelon)
        below = {
            item: sum(amount * float(own[whole]) for whole, amount in wholes.items())
            for item, wholes in self._explosion.goes_into.items()
        }
        found, capacity = np.zeros((len(network.lanes), own.shape[1])), capacities(network)
        for lane, site in enumerate(network.topology.destination.tolist()):
            for product in range(own.shape[1]):
                item, main = (site, product), int(network.topology.main_lanes[site, product])
                if main < 0 or network.topology.is_lateral[lane] or not network.limits.carries(lane, product):
                    continue
                level = float(own[item]) if lane == main else self._by(lane, item)
                if lane != main:
                    most = filling_in(network, lane, [product], capacity, own[item][None], self._wait + self._ahead)
                    level = min(level, float(most[0]))
                found[lane, product] = max(level - below[item], 0.0)
        for split in splits(network):
            self._share_out(found, split, own, below[split.site, split.product])
        return found + replaced_losses(network)

    def _share_out(self, levels: Floats, split: Split, own: Floats, below: float) -> None:
        item = split.site, split.product
        whole = max(self._echelon(item, slowest(split, self._network)), float(own[item])) - below
        for lane, less in below_the_last(self._network, split).items():
            levels[lane, split.product] = max(whole - less, 0.0)

    def _reachable(self, echelon: Floats) -> Floats:
        """Echelon levels (N, K), those of what others are made of or sent on to lowered until there is enough for all of it."""
        found = echelon.copy()
        for item, wholes in reversed(self._explosion.goes_into.items()):
            wanted = sum(amount * float(found[whole]) for whole, amount in wholes.items())
            if wanted > found[item]:
                for whole in wholes:
                    found[whole] *= float(found[item]) / wanted
        return found

    def _echelon(self, item: Item, lane: int) -> float:
        """Mean of the two quantiles between which the optimal level of a line lies."""
        rates = self._explosion.rates(item)
        if rates is None or rates.shortage <= 0:
            return 0.0
        level = between(
            self._explosion.demand(self._uses(item, lane)),
            np.array([rates.shortage]),
            np.array([rates.longer]),
            [np.array([rates.in_products]), np.array([rates.along])],
        )
        return self._dated(item, float(level[0]))

    def _by(self, lane: int, item: Item) -> float:
        """Of a lane that is not the main one: worth its extra cost only against a shortage within its protection interval."""
        rates = self._explosion.rates(item)
        if rates is None:
            return 0.0
        premium = max(self._cost(lane, item) - float(self._network.landed_cost[item]), 0.0)
        shortage, held = max(rates.shortage - premium, 0.0), float(self._network.costs.holding[*item, 0]) + premium
        demand = self._explosion.demand(self._uses(item, lane))
        return self._dated(item, float(between(demand, np.array([shortage]), np.zeros(1), [np.array([held])])[0]))

    def _cost(self, lane: int, item: Item) -> float:
        """What a unit has cost when it has come by a lane [money]."""
        network = self._network
        before = sum(amount * float(network.landed_cost[part]) for part, amount in network.taken_of(lane, item[1]).items())
        return before + float(network.costs.unit_cost[lane, item[1], 0])

    def _uses(self, item: Item, lane: int) -> Sequence[Use]:
        """Its uses from an order by a lane on."""
        since = self._explosion.until_there(lane) + (self._wait + self._ahead)
        return [use._replace(span=since + use.span) for use in self._explosion.uses[item]]

    def _dated(self, item: Item, level: float) -> float:
        """A level for orders that are dated ahead, without the mean demand of the periods until they leave."""
        return max(level - self._ahead * float(self._network.loads.mean[*item, 0]), 0.0) if self._ahead else level
