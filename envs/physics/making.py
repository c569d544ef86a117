"""What sites with recipes do with their stock: goods for other sites, and parts of what is made there.

Letters: N sites, L lanes, D those to other sites, R recipes, M machines, K products, G goods that somebody may be short of,
P parts, B batch. First everybody has a share by the site's rule, of every
part and of every machine's hours; of its shares a recipe begins as many units as the scarcest allows. What is left is shared
out once more, among those who could still use it, and then goes to whoever it still does for, in turn. So nothing lies idle
that some recipe there has everything else for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from ..events.conditions import Conditions
from ..flows.packs import whole
from ..making.shared_stock import Drawn, SharedStock
from ..making.turns import SiteTurns
from ..network.network import Network
from ..numerics.arrays import (
    Array,
    may_hold,
    minimum,
    namespace,
    positive,
    put_rows,
    rows_that_may_hold,
    split,
    take,
    take_from,
)
from .state import State

ROUNDS = 2
NOTHING = 1e-9
"""Units up to which what is missing is rounding."""


class Supply(NamedTuple):
    """What there is to be given out in a period."""

    network: Network
    sharing: SharedStock
    state: State
    asked: Drawn
    """What lanes and recipes could take, with as much stock as they like."""
    hours: Array | None
    """Of machines, events taken into account (M, 1, B); None without machines."""

    def left(self, begun: Drawn) -> Array:
        """Stock that nobody has been given (N, G, B)."""
        return positive(self.sharing.goods(self.state.on_hand) - self.sharing.total(begun))

    def free(self, begun: Drawn) -> Array | None:
        """Hours that nobody has been given (M, 1, B)."""
        machines = self.network.machines
        return None if machines is None or self.hours is None else positive(self.hours - machines.used(begun.made))

    def missing(self, begun: Drawn) -> Drawn:
        """What is asked beyond what has been given."""
        return Drawn(*(None if asked is None else _some(asked - given) for asked, given in zip(self.asked, begun, strict=True)))


Cover = Callable[[], Drawn]
Owed = Callable[[], tuple[Drawn, ...]]


def begin(network: Network, state: State, position: Array, asked: Array, orders: tuple[Array, Array], now: Conditions) -> Array:
    """What lanes and recipes get (L, K, B) of what is `asked`, which no capacity of their own forbids.

    By inventory `position` (N, K, B), and `orders`: all that lanes are owed, and what of it was heard of now (L, K, B).
    """
    supply = _supply(network, state, asked, now)
    sharing, packs = supply.sharing, network.limits.multiple

    def have(begun: Drawn) -> Drawn:
        return sharing.cover(position - network.topology.inbound.total(state.on_order - state.in_transit), begun)

    def owed(begun: Drawn) -> tuple[Drawn, ...]:
        everything, *heard = (sharing.of(part) for part in (*orders, *state.heard))
        lanes = None if everything.lanes is None else everything.lanes - begun.lanes
        return Drawn(lanes, everything.made - begun.made), *heard

    begun = Drawn(*(None if part is None else 0.0 * part for part in supply.asked))
    for number in range(ROUNDS):
        more = supply.missing(begun)
        if number and not any(part is not None and may_hold(part > 0) for part in more):
            break
        begun = _shared(supply, begun, more, number > 0, partial(have, begun), partial(owed, begun))
    else:
        begun = begun if sharing.turns is None else in_turn(supply, begun, sharing.turns)
    from_outside = _some(asked)
    return sharing.put(from_outside if packs is None else whole(from_outside, packs), begun)


def resume(network: Network, state: State, asked: Array, given: Array, now: Conditions) -> Array:
    """What lanes and recipes get (L, K, B) once these have had what was left over, because lanes may not take all they had."""
    supply = _supply(network, state, asked, now)
    if supply.sharing.turns is None:
        return given
    before = supply.sharing.of(given)
    begun = in_turn(supply, before, supply.sharing.turns, recipes_alone=True)
    return given if begun is before else minimum(supply.sharing.put(given, begun), asked)


def _supply(network: Network, state: State, asked: Array, now: Conditions) -> Supply:
    sharing, machines = network.fulfilment.sharing, network.machines
    assert sharing is not None  # something is made where anybody asks
    hours = None if machines is None else machines.most * machines.left(now.limits, asked)
    return Supply(network, sharing, state, sharing.of(asked), hours)


def _some(amounts: Array) -> Array:
    """Amounts that are more than rounding."""
    return namespace(amounts).where(amounts > NOTHING, amounts, 0.0 * amounts)


def _shared(supply: Supply, begun: Drawn, more: Drawn, again: bool, have: Cover, due: Owed) -> Drawn:
    """The same after what is left has been shared out by the sites' rules, once or `again`."""
    machines, recipes = supply.network.machines, supply.sharing.recipes
    left, free = supply.left(begun), supply.free(begun)
    wanted = _alone(supply, more.made, begun.made, left, free) if again else more.made
    if machines is not None and free is not None:
        wanted = machines.granted(wanted, begun.made, free, lambda: have().made, lambda: tuple(orders.made for orders in due()))
    lanes, made = more.lanes, wanted
    if supply.sharing.anything:
        lanes, parts = _divided(supply, Drawn(more.lanes, wanted), left, have, due)
        made = recipes.possible(wanted, parts)
    return _added(supply, begun, Drawn(lanes, _whole(supply, made)))


def _divided(supply: Supply, claims: Drawn, left: Array, have: Cover, due: Owed) -> tuple[Array | None, Array]:
    """Shares of what is left (N, G, B): of lanes (D, K, B), and the parts that recipes have (R, P, B)."""
    sharing = supply.sharing
    shares = wanted = sharing.claims(claims)
    if sharing.single is not None:
        alone, sites = sharing.single
        shares = put_rows(shares, alone, minimum(take(shares, alone), take(left, sites)))
    for division in sharing.divisions:
        given = division.divide(
            wanted, left, lambda: sharing.claims(have()), lambda: tuple(sharing.claims(orders) for orders in due())
        )
        shares = put_rows(shares, division.members, given)
    shares = shares if sharing.packs is None else whole(shares, sharing.packs)
    if claims.lanes is None:
        return None, sharing.parts(shares)
    lanes, parts = split(shares, (slice(0, len(claims.lanes)), slice(len(claims.lanes), len(shares))))
    return lanes, sharing.parts(parts)


def _whole(supply: Supply, made: Array, which: Any = slice(None)) -> Array:
    """As many whole packs as recipes can begin (n, B), and no crumbs, which would be set up like more."""
    recipes, machines, packs = supply.sharing.recipes, supply.network.machines, supply.network.limits.multiple
    if packs is not None:
        made = whole(made, packs[recipes.lanes[which], recipes.product[which]])
    least = NOTHING if machines is None else machines.crumbs[which]
    return namespace(made).where(made > least, made, 0.0 * made)


def in_turn(supply: Supply, begun: Drawn, turns: SiteTurns, recipes_alone: bool = False) -> Drawn:
    """What has been given once everybody, or every recipe, has had a turn at what is left."""
    sharing, machines, more = supply.sharing, supply.network.machines, supply.missing(begun)
    left, free = supply.left(begun), supply.free(begun)
    lanes_can, recipes_can = _able(supply, begun, more, turns, recipes_alone)
    if not (any(lanes_can) or any(recipes_can)):
        return begun
    given, made = None if begun.lanes is None else 0.0 * begun.lanes, 0.0 * begun.made
    for turn in turns.turns:
        if any(lanes_can[turn.lane_rows]):
            got = _taken(supply, more, left, turn.lanes, turn.sites)
            left, given = take_from(left, turn.sites, got), take_from(given, turn.lanes, -got)
        if any(recipes_can[turn.recipe_rows]):
            which, before = turn.recipes, take(begun.made, turn.recipes)
            got = _whole(supply, _alone(supply, take(more.made, which), before, left, free, which), which)
            left, made = take_from(left, turn.making, got[:, None] * sharing.uses[which]), take_from(made, which, -got)
            if machines is not None and turn.running is not None:
                free = take_from(free, turn.machines, take(machines.more(got, before, which), turn.running))
    return _added(supply, begun, Drawn(given, made))


def _able(
    supply: Supply, begun: Drawn, more: Drawn, turns: SiteTurns, recipes_alone: bool
) -> tuple[Sequence[bool], Sequence[bool]]:
    """Who could have something of what is left, if it were his turn: lanes, and recipes, as they stand in the turns."""
    left, free = supply.left(begun), supply.free(begun)
    lanes_can: Sequence[bool] = ()
    if turns.lanes is not None and not recipes_alone:
        lanes_can = rows_that_may_hold(_taken(supply, more, left, turns.lanes, turns.sites) > 0)
    made = _whole(supply, _alone(supply, more.made, begun.made, left, free))
    return lanes_can, rows_that_may_hold(take(made, turns.recipes) > 0)


def _taken(supply: Supply, more: Drawn, left: Array, lanes: Any, sites: Any) -> Array:
    """What lanes (n,) could take away, each as if it were alone at its site (n, K, B)."""
    got, packs = minimum(take(more.lanes, lanes), positive(take(left, sites))), supply.sharing.packs
    return got if packs is None else whole(got, packs[lanes])


def _alone(supply: Supply, wanted: Array, made: Array, left: Array, free: Array | None, which: Any = slice(None)) -> Array:
    """How much of what is wanted of some recipes (n, B) could be begun, if each were alone; `which` they are, left out: all."""
    sharing, machines = supply.sharing, supply.network.machines
    got = wanted
    if sharing.recipes.of_some_parts:
        got = sharing.recipes.possible(wanted, positive(sharing.parts(take(left, sharing.recipes.site[which]))), which)
    return got if machines is None or free is None else machines.alone(got, made, free, which)


def _added(supply: Supply, begun: Drawn, more: Drawn) -> Drawn:
    """What has been given with `more` of it, which no rounding makes more than was asked."""
    lanes = None if begun.lanes is None else minimum(begun.lanes + more.lanes, supply.asked.lanes)
    return Drawn(lanes, minimum(begun.made + more.made, supply.asked.made))
