"""What seats see as sets: a fixed number of numbers for each lane, customer and other site, however many there are of them.

For policies that read sets, of any network. Letters: B batch, S seats, N sites, L lanes, K products, M members of a set, F
numbers of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from ..autonomy.autonomy import PLANNER
from ..information.fields import may_see
from ..information.observation import unit_scale
from ..information.tokens import BUCKETS, LaneNumbers, SiteNumbers, Tokens, TokenView
from ..numerics.arrays import Array, is_numpy, namespace, take
from ..simulator import Party, Simulator

SITE = ("level", "on_hand", "owed", "coming", "demand", "ordered")
CUSTOMERS = ("owed", "asked")
MASK = "_mask"


@dataclass(frozen=True)
class Members:
    """Who is in a set of each seat."""

    rows: NDArray[np.int64]
    """Their numbers among all sites or lanes (S, M), 0 where a seat has fewer than another."""
    there: NDArray[np.bool_]
    """Where there is one (S, M)."""
    scale: NDArray[np.float64]
    """What units are divided by (S, M, K): a usual amount of a period at the site."""

    @classmethod
    def of(cls, lists: list[NDArray[np.int64]], sites: list[NDArray[np.int64]], scale: NDArray[np.float64]) -> Members:
        """From each seat's members, and the site whose usual amounts each is measured by."""
        most = max(map(len, lists))
        rows, at = (np.array([[*row, *[0] * (most - len(row))] for row in each], dtype=np.int64) for each in (lists, sites))
        there = np.array([[number < len(row) for number in range(most)] for row in lists], dtype=bool)
        return cls(rows.reshape(len(lists), most), there.reshape(len(lists), most), scale[at.reshape(len(lists), most)])


class TokenObservations:
    """Sets as the seats of one party see them, padded to one size, with `…_mask` saying which members are there.

    `site` (B, S, K, F) is of one's own; `lanes` those into it, `customers` the lanes to other sites and `others` the sites it
    sees, each (B, S, M, K, F). A planner has all sites and lanes. Numbers are divided by a usual amount of the site.
    """

    def __init__(self, simulator: Simulator, party: Party, names: tuple[str, ...]) -> None:
        network, self.simulator, self.party = simulator.numpy_network, simulator, party
        seats = simulator.seats_of(party)
        self.view = TokenView(network, simulator.autonomy, seats, simulator.backend)
        self.shows_target = may_see("target", simulator.autonomy, seats) and party == "sites"
        self.has_status = network.events.channels is not None and any(
            getattr(network.events.channels, name) is not None for name in ("accepting", "available")
        )
        self.members = self._members(names)
        self.products = len(network.products)

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """What the F numbers of a member of each set are."""
        due = tuple(f"due_in_{first}" for first in BUCKETS)
        lanes = (*due, "unfilled", *["open"] * self.has_status, *["target"] * self.shows_target)
        every = {"site": SITE, "sites": SITE, "others": SITE, "lanes": lanes, "customers": CUSTOMERS}
        if self.party == "planner":
            every["lanes"] = (*lanes, *CUSTOMERS)
        return {name: every[name] for name in self.members}

    def space(self, bound: float | None) -> spaces.Dict:
        """Of one seat."""
        most, found = np.inf if bound is None else bound, dict[str, spaces.Space[Any]]()
        for name, members in self.members.items():
            shape = (self.products, len(self.columns[name]))
            many = () if name == "site" else (members.rows.shape[1],)
            found[name] = spaces.Box(-most, most, (*many, *shape), np.float32)
            if many and self.party == "sites":
                found[name + MASK] = spaces.Box(0, 1, many, np.int8)
        return spaces.Dict(found)

    def __call__(self, bound: float | None) -> dict[str, Array]:
        """What every seat sees now, fresh, each with (B, S) in front."""
        tokens = self.simulator.information_of(self.party).tokens(self.view)
        found: dict[str, Array] = {}
        for name, members in self.members.items():
            values = self._gathered(self._numbers(name, tokens), members, self._fixed(name))
            if bound is not None:
                values = values.clip(-bound, bound)
            found[name] = values[:, :, 0] if name == "site" else values
            if name != "site" and self.party == "sites":
                there = np.broadcast_to(members.there, (self.simulator.batch, *members.there.shape)).astype(np.int8)
                found[name + MASK] = there if is_numpy(values) else self.simulator.backend.asarray(there)
        return found

    def _members(self, names: tuple[str, ...]) -> dict[str, Members]:
        network = self.simulator.numpy_network
        topology, scale = network.topology, unit_scale(network)
        if names == (PLANNER,):
            sites, lanes = np.arange(len(network.sites)), np.arange(len(network.lanes))
            return {"sites": Members.of([sites], [sites], scale), "lanes": Members.of([lanes], [topology.destination], scale)}
        numbers = [network.sites.index(name) for name in names]
        own_row = [np.array([site]) for site in numbers]
        found = {"site": Members.of(own_row, own_row, scale)}
        into, out = ([np.flatnonzero(ends == site) for site in numbers] for ends in (topology.destination, topology.source))
        seen = [np.flatnonzero(self.view.sees[site]) for site in numbers]
        own = [[np.full(len(row), site) for site, row in zip(numbers, rows, strict=True)] for rows in (into, out)]
        sets = {"lanes": (into, own[0]), "customers": (out, own[1]), "others": (seen, seen)}
        return found | {name: Members.of(*lists, scale) for name, lists in sets.items() if max(map(len, lists[0]))}

    def _numbers(self, name: str, tokens: Tokens) -> list[Array]:
        """The numbers of all sites, or of all lanes, each (N, K, B) or (L, K, B)."""
        if name in ("site", "sites"):
            return _of_sites(tokens.site)
        if name == "others":
            assert tokens.others is not None  # somebody is seen
            return _of_sites(tokens.others)
        lane = tokens.lane
        passed = [lane.owed, lane.asked]
        if name == "customers":
            return passed
        return [*self._of_lanes(lane), *passed] if self.party == "planner" else self._of_lanes(lane)

    def _of_lanes(self, lane: LaneNumbers) -> list[Array]:
        found = [*lane.due, lane.unfilled]
        if self.has_status:
            found.append(0.0 * lane.unfilled + 1.0 if lane.open is None else lane.open + 0.0 * lane.unfilled)
        if self.shows_target:
            level = self.simulator.now.target
            found.append(0.0 * lane.unfilled if level is None else level + 0.0 * lane.unfilled)
        return found

    def _fixed(self, name: str) -> list[int]:
        """Which numbers are shares, and no units."""
        return [number for number, column in enumerate(self.columns[name]) if column == "open"]

    def _gathered(self, numbers: list[Array], members: Members, shares: list[int]) -> Array:
        """Those of each seat's members (B, S, M, K, F) in single precision, by what is usual there; 0 where nobody is."""
        xp, backend = namespace(numbers[0]), self.simulator.backend
        weight = np.where(members.there[:, :, None], 1.0 / members.scale, 0.0)[..., None] * np.ones(len(numbers))
        weight[..., shares] = np.where(members.there[:, :, None, None], 1.0, 0.0)
        stacked = xp.stack([take(values, members.rows) for values in numbers])  # (F, S, M, K, B)
        found = xp.permute_dims(stacked, (4, 1, 2, 3, 0)) * backend.asarray(weight)
        return found.astype(np.float32, order="C") if is_numpy(found) else found.float().contiguous()


def _of_sites(site: SiteNumbers) -> list[Array]:
    return [getattr(site, name) for name in SITE]
