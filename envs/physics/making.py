"""What sites with recipes do with their stock: goods for other sites, and parts of what is made there.

Letters: N sites, L lanes, R recipes, M machines, K products, B batch. First everybody has a share by the site's rule, of every
part and of every machine's hours; of its shares a recipe begins as many units as the scarcest allows. What is left is shared
out once more, among those who could still use it, and then goes to whoever it still does for, in turn. So nothing lies idle
that some recipe there has everything else for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..events.conditions import Conditions
from ..flows.packs import whole
from ..flows.recipes import Recipes
from ..making.turns import SiteTurns
from ..network.network import Network
from ..numerics.arrays import Array, may_hold, minimum, namespace, positive, put_rows, rows_that_may_hold, take, take_from
from .state import State

ROUNDS = 2
NOTHING = 1e-9
"""Units up to which what is missing is rounding."""


class Begun(NamedTuple):
    """What has been given out of a period's stock and hours."""

    given: Array
    """What lanes take away, and recipes begin, of their products (L, K, B)."""
    made: Array
    """The same of recipes alone (R, B)."""


class Supply(NamedTuple):
    """What there is of it."""

    network: Network
    state: State
    asked: Array
    """What lanes and recipes could take, with as much stock as they like (L, K, B)."""
    hours: Array | None
    """Of machines, events taken into account (M, 1, B); None without machines."""

    @property
    def recipes(self) -> Recipes:
        """The network's."""
        assert self.network.recipes is not None  # who asks has some
        return self.network.recipes

    def left(self, begun: Begun) -> Array:
        """Stock that nobody has been given (N, K, B)."""
        return positive(self.state.on_hand - self.network.drawn(begun.given))

    def free(self, begun: Begun) -> Array | None:
        """Hours that nobody has been given (M, 1, B)."""
        machines = self.network.machines
        return None if machines is None or self.hours is None else positive(self.hours - machines.used(begun.made))

    def missing(self, begun: Begun) -> Array:
        """What is asked beyond what has been given (L, K, B)."""
        more = self.asked - begun.given
        return namespace(more).where(more > NOTHING, more, 0.0 * more)


Cover = Callable[[], Array]
Owed = Callable[[], tuple[Array, ...]]


def begin(network: Network, state: State, position: Array, asked: Array, orders: tuple[Array, Array], now: Conditions) -> Array:
    """What lanes and recipes get (L, K, B) of what is `asked`, which no capacity of their own forbids.

    By inventory `position` (N, K, B), and `orders`: all that lanes are owed, and what of it was heard of now (L, K, B).
    """

    def cover() -> Array:
        return position - network.topology.inbound.total(state.on_order - state.in_transit)

    def owed() -> tuple[Array, ...]:
        return *orders, *state.heard

    supply = Supply(network, state, asked, _hours(network, asked, now))
    begun = Begun(0.0 * asked, 0.0 * supply.recipes.made(asked))
    for number in range(ROUNDS):
        more = supply.missing(begun)
        if number and not may_hold(more > 0):
            return begun.given
        begun = _shared(supply, begun, more, number > 0, cover, owed)
    turns = network.fulfilment.turns
    return begun.given if turns is None else in_turn(supply, begun, turns).given


def _hours(network: Network, asked: Array, now: Conditions) -> Array | None:
    return None if network.machines is None else network.machines.most * network.machines.left(now.limits, asked)


def _shared(supply: Supply, begun: Begun, more: Array, again: bool, cover: Cover, owed: Owed) -> Begun:
    """The same after what is left has been shared out by the sites' rules, once or `again`."""
    network, recipes, machines = supply.network, supply.recipes, supply.network.machines
    left, free = supply.left(begun), supply.free(begun)
    wanted = recipes.made(more)
    if again:
        wanted = _alone(supply, wanted, begun.made, left, free)

    def have() -> Array:
        return take(cover(), network.topology.into) + begun.given

    def due() -> tuple[Array, ...]:
        everything, *heard = owed()
        return (everything - begun.given, *heard)

    if machines is not None and free is not None:
        wanted = machines.granted(
            wanted, begun.made, free, lambda: recipes.made(have()), lambda: tuple(map(recipes.made, due()))
        )
    shares = _divided(supply, recipes.claims(more, wanted), left, have, due)
    made = _whole(supply, recipes.possible(wanted, shares[recipes.lanes]))
    return _added(supply, begun.given + recipes.put(shares, made))


def _divided(supply: Supply, claims: Array, left: Array, have: Cover, due: Owed) -> Array:
    """Shares (L, K, B) of what is left (N, K, B), by what lanes and recipes claim of it (L, K, B)."""
    network, recipes = supply.network, supply.recipes
    fulfilment, packs = network.fulfilment, network.limits.multiple

    def covers() -> Array:
        by_lane = have()
        return recipes.claims(by_lane, recipes.made(by_lane))

    shares = claims
    if fulfilment.single is not None:
        lanes, sites = fulfilment.single
        shares = put_rows(shares, lanes, minimum(take(shares, lanes), take(left, sites)))
    for division in fulfilment.divisions:
        given = division.divide(
            claims, left, covers, lambda: tuple(recipes.claims(orders, recipes.made(orders)) for orders in due())
        )
        shares = put_rows(shares, division.members, given)
    return shares if packs is None else whole(shares, packs)


def _whole(supply: Supply, made: Array, which: Any = slice(None)) -> Array:
    """As many whole packs as recipes can begin (n, B), and no crumbs, which would be set up like more."""
    recipes, machines, packs = supply.recipes, supply.network.machines, supply.network.limits.multiple
    if packs is not None:
        made = whole(made, packs[recipes.lanes[which], recipes.product[which]])
    least = NOTHING if machines is None else machines.crumbs[which]
    return namespace(made).where(made > least, made, 0.0 * made)


def resume(network: Network, state: State, asked: Array, given: Array, now: Conditions) -> Array:
    """What lanes and recipes get (L, K, B) once these have had what was left over, because lanes may not take all they had."""
    turns = network.fulfilment.turns
    assert network.recipes is not None  # as above
    if turns is None:
        return given
    supply = Supply(network, state, asked, _hours(network, asked, now))
    return in_turn(supply, Begun(given, network.recipes.made(given)), turns, recipes_alone=True).given


def in_turn(supply: Supply, begun: Begun, turns: SiteTurns, recipes_alone: bool = False) -> Begun:
    """What has been given once everybody, or every recipe, has had a turn at what is left."""
    recipes, machines, more = supply.recipes, supply.network.machines, supply.missing(begun)
    left, free, wanted = supply.left(begun), supply.free(begun), recipes.made(more)
    lanes_can, recipes_can = _able(supply, begun, more, turns, recipes_alone)
    if not (any(lanes_can) or any(recipes_can)):
        return begun
    given, made = begun.given + 0.0, begun.made + 0.0
    for turn in turns.turns:
        if any(lanes_can[turn.lane_rows]):
            got = _taken(supply, more, left, turn.lanes, turn.sites)
            left, given = take_from(left, turn.sites, got), take_from(given, turn.lanes, -got)
        if any(recipes_can[turn.recipe_rows]):
            which, before = turn.recipes, take(begun.made, turn.recipes)
            got = _whole(supply, _alone(supply, take(wanted, which), before, left, free, which), which)
            left, made = take_from(left, turn.making, got[:, None] * recipes.uses[which]), take_from(made, which, -got)
            if machines is not None and turn.running is not None:
                free = take_from(free, turn.machines, take(machines.more(got, before, which), turn.running))
    return _added(supply, recipes.put(given, made))


def _able(
    supply: Supply, begun: Begun, more: Array, turns: SiteTurns, recipes_alone: bool
) -> tuple[Sequence[bool], Sequence[bool]]:
    """Who could have something of what is left, if it were his turn: lanes, and recipes, as they stand in the turns."""
    left, free = supply.left(begun), supply.free(begun)
    lanes_can: Sequence[bool] = ()
    if turns.lanes is not None and not recipes_alone:
        lanes_can = _some(_taken(supply, more, left, turns.lanes, turns.sites))
    made = _whole(supply, _alone(supply, supply.recipes.made(more), begun.made, left, free))
    return lanes_can, _some(take(made, turns.recipes))


def _some(amounts: Array) -> Sequence[bool]:
    """In which rows there is anything at all."""
    return rows_that_may_hold(amounts > 0)


def _taken(supply: Supply, more: Array, left: Array, lanes: Any, sites: Any) -> Array:
    """What lanes (n,) could take away, each as if it were alone at its site (n, K, B)."""
    got, packs = minimum(take(more, lanes), positive(take(left, sites))), supply.network.limits.multiple
    return got if packs is None else whole(got, packs[lanes])


def _alone(supply: Supply, wanted: Array, made: Array, left: Array, free: Array | None, which: Any = slice(None)) -> Array:
    """How much of what is wanted of some recipes (n, B) could be begun, if each were alone; `which` they are, left out: all."""
    recipes, machines = supply.recipes, supply.network.machines
    got = recipes.possible(wanted, positive(take(left, recipes.site[which])), which)
    return got if machines is None or free is None else machines.alone(got, made, free, which)


def _added(supply: Supply, given: Array) -> Begun:
    """What has been given in several parts, which no rounding makes more than was asked."""
    given = minimum(given, supply.asked)
    return Begun(given, supply.recipes.made(given))
