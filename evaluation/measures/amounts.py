"""What is counted in a period: the numerators and denominators of KPIs, each in one place, as the ledger's terms are.

Letters: B batch, N sites, L lanes, K products, C customers, S sites that sell. Counting sees the whole state; policies do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from orderup.envs.making.machines import Machines
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace, tree_sum
from orderup.envs.physics.ledger import emissions, emits
from orderup.envs.physics.state import Flows, State
from orderup.envs.simulator import Ledger

from .structure import Peers

NOTHING = 1e-6
"""Share of what was wanted below which a shortage or an order is rounding."""

Place: TypeAlias = Literal["customers", "sellers", "sites", "into", "machines", "by_site"]
"""Whose rows are counted, (rows, K, B): customers, sites that sell, sites, lanes into a site; machines, (M, 1, B); or, by site,
(N, B)."""


@dataclass(eq=False)
class Period:
    """A period that is over, as KPIs see it: arrays have the batch last, (rows, K, B) in units of product."""

    network: Network
    before: State
    """As the period began."""
    state: State
    """As it ended."""
    flows: Flows
    """What moved in it."""
    ledger: Ledger
    """What it cost, as it counts: later money less where the scenario discounts it."""
    level: Array | None
    """The centre's levels (L, K, B); None where no centre sets any."""
    distance: Array | None
    """How far sites are from the centre's decision (L, K, B) [mean demands]; None where none may be."""
    regular: Array | None
    """1 for lanes that are not lateral (L, 1, 1), else 0; None where all are regular."""
    previous: Period | None
    """The one counted before."""
    peers: Peers | None = None
    """Between whom goods can flow both ways; None where they cannot."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What amounts have worked out of it for each other, and for the next period's."""

    @cached_property
    def short(self) -> Array:
        """Which sites' products end it with unmet demand (S, K, B), by more than rounding."""
        unmet = self.network.topology.buyers.sum(self.flows.unmet)
        return unmet > NOTHING * (unmet + self.network.topology.buyers.sum(self.flows.served))

    @cached_property
    def ordered(self) -> Array:
        """What each site orders (N, K, B), lateral lanes left out."""
        orders = self.flows.orders
        return self.network.topology.inbound.total(orders if self.regular is None else orders * self.regular)

    @cached_property
    def overridden(self) -> Array | None:
        """How far each site is from the centre (N, B) [mean demands], all lanes and products together."""
        return None if self.distance is None else tree_sum(self.network.topology.inbound.total(self.distance), axis=1)


Count: TypeAlias = Callable[[Period], "Array | None"]
Work: TypeAlias = Callable[[Any], "Array | None"]
"""Of what was counted (`sums.Counted`)."""


@dataclass(frozen=True, eq=False, repr=False)
class Amount:
    """A sum over periods that KPIs are made of; its name is its column in `Result.sums`.

    It is counted in every period, or worked out once all is counted. What comes to None is not told at all.
    """

    name: str
    count: Count | None = None
    place: Place = "by_site"
    """Whose rows are counted."""
    always: bool = False
    """Whether it is nothing, rather than not told, where it was not counted."""
    by_site: Work | None = None
    """By site and episode (N, B), where that is not as it was counted."""
    of_network: Work | None = None
    """Of the network and episode (B,), where that is not the sum over sites."""
    constant: bool = False
    """Whether it is the same in every episode."""

    def __repr__(self) -> str:
        """Its name."""
        return self.name


COUNTED: list[Amount] = []
"""Everything that is counted in a period."""


def counted(place: Place, always: bool = False) -> Callable[[Count], Amount]:
    """Make a function of a period the amount of the same name."""

    def add(count: Count) -> Amount:
        COUNTED.append(Amount(count.__name__, count, place, always))
        return COUNTED[-1]

    return add


def worked_out(of_network: Work | None = None, constant: bool = False) -> Callable[[Work], Amount]:
    """Make a function of what was counted, which tells it by site (N, B), the amount of the same name."""

    def make(by_site: Work) -> Amount:
        return Amount(by_site.__name__, by_site=by_site, of_network=of_network, constant=constant)

    return make


@counted("customers")
def demanded(period: Period) -> Array:
    """Units that customers ask for."""
    return period.flows.demand


@counted("customers")
def served(period: Period) -> Array:
    """Units that customers get, what they were owed included."""
    return period.flows.served


@counted("customers")
def on_time(period: Period) -> Array:
    """Served backlog first, what customers get beyond it is this period's demand, served on time."""
    beyond = period.flows.served - period.before.backlog
    xp = namespace(beyond)
    return xp.maximum(beyond, xp.zeros_like(beyond))


@counted("customers")
def backlog(period: Period) -> Array:
    """Units owed at the period's end."""
    return period.state.backlog


@counted("sellers")
def stockouts(period: Period) -> Array:
    """1 where the period ends with unmet demand."""
    return 1.0 * period.short


@counted("sellers")
def stockout_spells(period: Period) -> Array:
    """1 where such periods in a row begin."""
    return 1.0 * (period.short if period.previous is None else period.short & ~period.previous.short)


@counted("sites")
def on_hand(period: Period) -> Array:
    """Units on the shelf at the period's end."""
    return period.state.on_hand


@counted("sites")
def tied_up(period: Period) -> Array | None:
    """Money in stock on the shelf, and under way from site to site, at the period's end."""
    value, topology = period.network.costs.value, period.network.topology
    if value is None:
        return None
    under_way = period.state.in_transit * topology.is_inside
    return value * (period.state.on_hand + topology.inbound.total(under_way))


@counted("into")
def in_transit(period: Period) -> Array:
    """Units shipped and not yet arrived."""
    return period.state.in_transit


@counted("into")
def shipped(period: Period) -> Array:
    """Units shipped."""
    return period.flows.shipments


@counted("into")
def wasted(period: Period) -> Array | None:
    """Units shipped that do not arrive."""
    return period.flows.wasted


@counted("customers")
def spilled(period: Period) -> Array | None:
    """Units that a site's own customers get elsewhere."""
    return period.flows.spilled


@counted("sites")
def scrapped(period: Period) -> Array | None:
    """Units past their shelf life."""
    return period.flows.scrapped


@counted("sites")
def returned(period: Period) -> Array | None:
    """Units that customers bring back."""
    return period.flows.returned


@counted("machines")
def machine_hours(period: Period) -> Array | None:
    """Hours that machines run, set-ups and overtime included."""
    return _hours(period.network, Machines.used, period.flows.shipments)


@counted("machines")
def setup_hours(period: Period) -> Array | None:
    """Those in which they are set up."""
    return _hours(period.network, Machines.set_up, period.flows.shipments)


@counted("machines")
def regular_hours(period: Period) -> Array | None:
    """Those that they have without overtime, less what events take."""
    machines = period.network.machines
    if machines is None:
        return None
    return machines.regular * machines.left(period.flows.conditions.limits, period.flows.shipments)


@counted("machines")
def waiting_hours(period: Period) -> Array | None:
    """Those that it will take to make what has been ordered and not begun at the period's end, without set-ups."""
    return _hours(period.network, Machines.running, period.state.open_orders)


def _hours(network: Network, taken: Callable[[Machines, Array], Array], amounts: Array) -> Array | None:
    """What is `taken` of machines (M, 1, B) [hours] to make lanes' amounts (L, K, B); None where there are none."""
    if network.machines is None or network.recipes is None:
        return None
    return taken(network.machines, network.recipes.made(amounts))


@counted("by_site")
def carbon(period: Period) -> Array | None:
    """Carbon of what is held and shipped [kg]."""
    return emissions(period.network, period.state, period.flows) if emits(period.network) else None


@counted("by_site")
def orders_placed(period: Period) -> Array:
    """1 where a site orders, by more than rounding."""
    return 1.0 * (tree_sum(period.ordered, axis=1) > NOTHING * tree_sum(period.network.loads.mean, axis=1))


@counted("by_site", always=True)
def target_changes(period: Period) -> Array | None:
    """How far the centre's levels have moved since the last period; constant levels come as one array."""
    last = None if period.previous is None else period.previous.level
    if period.level is None or last is None or period.level is last:
        return None
    return tree_sum(period.network.topology.inbound.total(abs(period.level - last)), axis=1)


@counted("by_site", always=True)
def overrides(period: Period) -> Array | None:
    """1 where a site departs from the centre, by more than rounding."""
    return None if period.overridden is None else 1.0 * (period.overridden > NOTHING)


@counted("by_site", always=True)
def override_distance(period: Period) -> Array | None:
    """How far it departs [mean demands]."""
    return period.overridden
