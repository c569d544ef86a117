"""Who draws on the stock of sites where something is made, and what of: goods for other sites, and parts.

Letters: N sites, L lanes, D those to other sites, R recipes, K products, G goods that somebody may be short of, P parts,
B batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..flows.rationing import Division
from ..flows.recipes import Recipes
from ..numerics.arrays import Array, namespace, put_rows, take
from ..numerics.bundles import Bundle
from .turns import SiteTurns


class Drawn(NamedTuple):
    """What lanes take to other sites, and what recipes begin, in units of what they bring."""

    lanes: Array | None
    """Of lanes to other sites (D, K, B); None where there are none."""
    made: Array
    """Of recipes (R, B)."""


@dataclass(frozen=True)
class SharedStock:
    """Everybody who draws on a site's stock, the lanes to other sites before the recipes, and how they share it.

    What nobody needs but one recipe's customers is left out: an array of recipes and parts is far smaller than one of all lanes
    and products.
    """

    recipes: Recipes
    lanes: Any
    """Rows of the lanes to other sites (D,); None where there are none."""
    into: Any
    """Where these lead (D,)."""
    outbound: Bundle
    """These lanes by the sites they leave."""
    uses: Array
    """Goods that a unit of each recipe takes (R, G, 1): all products where lanes take some away, else what is a part."""
    among: Any
    """Where the parts stand among these goods (P,); None where they are the same."""
    packs: Array | None
    """How many units leave together, of lanes and of recipes (D + R, G, 1); None where any number may."""
    single: tuple[Any, Any] | None
    """Who alone draws on a site's stock, and those sites."""
    divisions: tuple[Division, ...]
    """How the others' shares are found."""
    turns: SiteTurns | None
    """Who has what is left after that; None where nobody shares anything with a recipe."""

    @property
    def anything(self) -> bool:
        """Whether anybody takes anything of a site's stock."""
        return self.lanes is not None or self.recipes.of_some_parts

    def of(self, amounts: Array) -> Drawn:
        """The same of lanes' amounts (L, K, B)."""
        return Drawn(None if self.lanes is None else take(amounts, self.lanes), self.recipes.made(amounts))

    def put(self, amounts: Array, drawn: Drawn) -> Array:
        """Lanes' amounts (L, K, B) where those who draw on stock have these instead."""
        if drawn.lanes is not None:
            amounts = put_rows(amounts, self.lanes, drawn.lanes)
        return self.recipes.put(amounts, drawn.made)

    def goods(self, stock: Array) -> Array:
        """What there is of the goods that somebody may be short of (N, G, B), of all products (N, K, B)."""
        return stock[:, self.recipes.parts] if self.lanes is None else stock

    def parts(self, goods: Array) -> Array:
        """The parts alone (…, P, B), of these goods (…, G, B)."""
        return goods if self.among is None else goods[:, self.among]

    def claims(self, drawn: Drawn) -> Array:
        """What it takes of a site's stock (D + R, G, B)."""
        of_recipes = drawn.made[:, None] * self.uses
        return of_recipes if drawn.lanes is None else namespace(of_recipes).concat([drawn.lanes, of_recipes])

    def total(self, drawn: Drawn) -> Array:
        """What it takes of each site (N, G, B)."""
        parts = self.recipes.taken(drawn.made)
        return parts if drawn.lanes is None else self.outbound.total(drawn.lanes) + self.recipes.among_products(parts)

    def cover(self, stock: Array, drawn: Drawn) -> Drawn:
        """What each has that it may be for, of sites' `stock` (N, K, B), and with what it has been given."""
        made = stock[self.recipes.site, self.recipes.product] + drawn.made
        return Drawn(None if drawn.lanes is None else take(stock, self.into) + drawn.lanes, made)
