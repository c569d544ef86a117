"""Sites and lanes: those that files tell of, and where they do not, the simplest that could be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.scenario.naming import check_site_name

from ..masters.keys import MasterKeys
from ..masters.known import bare
from ..masters.lanes import LaneRow
from ..masters.receipts import Receipts
from ..masters.sites import SiteRow
from ..record.decisions import ImportDecision, ImportDecisions
from .draft import Draft, some

SUPPLIER = "supplier"
HOLDS = ("warehouse", "plant")


@dataclass(frozen=True)
class SitesAndLanes:
    """Who is there, and the lanes between them."""

    roles: Mapping[str, str]
    """The role of each site, by name."""
    rows: Mapping[str, SiteRow]
    lanes: tuple[LaneRow, ...]
    suppliers: tuple[str, ...]
    """Outside sources that are no sites."""
    selling: frozenset[str]

    def into(self, site: str) -> list[LaneRow]:
        """The lanes that lead to a site."""
        return [lane for lane in self.lanes if lane.destination == site]


def places_of(
    selling: Sequence[str],
    rows: Mapping[str, SiteRow],
    lanes: Sequence[LaneRow] | None,
    receipts: Receipts | None,
    keys: MasterKeys,
    draft: Draft,
    decisions: ImportDecisions,
) -> SitesAndLanes:
    """The network's sites and lanes. Raises InputError where they cannot be told, or do not fit together."""
    found = list(lanes) if lanes is not None else _without_file(selling, rows, receipts, draft)
    names = dict.fromkeys((*selling, *rows))
    found = _without_idle(found, names, set(selling), keys, decisions)
    sources, reached = {lane.source for lane in found}, {lane.destination for lane in found}
    sites = list(dict.fromkeys([*names, *(lane.destination for lane in found)]))
    sites = _used(sites, rows, sources | reached | set(selling), keys, decisions)
    for name in sites:
        _check(name, name in reached, lanes is not None)
    roles = {name: _role(name, rows, name in selling, name in sources) for name in sites}
    suppliers = tuple(name for name in dict.fromkeys(lane.source for lane in found) if name not in roles)
    return SitesAndLanes(
        roles, {name: rows[name] for name in rows if name in roles}, tuple(found), suppliers, frozenset(selling)
    )


def _check(name: str, reached: bool, by_file: bool) -> None:
    try:
        check_site_name(name)
    except InputError as error:
        raise error.moved("", "sites") from None
    if not reached:
        accepted = f"a lane to it in {'the lanes file' if by_file else 'lanes=<file>'}, or supplied_by in the sites file"
        raise InputError(f"sites.{name}", "no lane that leads there", accepted)


def _role(name: str, rows: Mapping[str, SiteRow], sells: bool, supplies: bool) -> str:
    row = rows.get(name)
    if row is not None and row.role is not None:
        return row.role
    return "warehouse" if supplies or not sells else "store"


def _without_file(
    selling: Sequence[str], rows: Mapping[str, SiteRow], receipts: Receipts | None, draft: Draft
) -> list[LaneRow]:
    """Lanes by what the sites file says of who supplies whom, by the receipts, or the simplest there are."""
    supplied = [(str(row.supplied_by), name) for name, row in rows.items() if row.supplied_by is not None]
    if supplied:
        reached = {name for _, name in supplied}
        above = [one for one in dict.fromkeys(source for source, _ in supplied) if one in rows and one not in reached]
        _assume_supplier(draft, above)
        return [_plain(source, name) for source, name in [*supplied, *((SUPPLIER, name) for name in above)]]
    pairs = receipts.pairs if receipts is not None else []
    if pairs and {other for _, other in pairs} >= set(selling):
        draft.assume("Nobody else supplies a site than those from whom the receipts file has something for it.")
        return [_plain(source, name) for source, name in pairs]
    return _simplest(selling, rows, draft)


def _simplest(selling: Sequence[str], rows: Mapping[str, SiteRow], draft: Draft) -> list[LaneRow]:
    holding = [name for name, row in rows.items() if row.role in HOLDS and name not in selling]
    if len(holding) > 1:
        found = f"{some(holding)}, and no word on which of them supplies whom"
        raise InputError("lanes", found, "lanes=<file>, or a column supplied_by in the sites file")
    if holding:
        draft.assume(
            f"{holding[0]} supplies all other sites, and one outside supplier supplies it: no file of lanes was given."
        )
        return [*(_plain(holding[0], name) for name in selling), _plain(SUPPLIER, holding[0])]
    draft.assume("One outside supplier supplies every site: no file of lanes was given.")
    return [_plain(SUPPLIER, name) for name in selling]


def _assume_supplier(draft: Draft, above: Sequence[str]) -> None:
    if above:
        draft.assume(f"One outside supplier supplies {some(above)}, of which no file says who does.")


def _plain(source: str, destination: str) -> LaneRow:
    return LaneRow(source, destination, None, None, None, None, None, {})


def _without_idle(
    lanes: Sequence[LaneRow], names: Mapping[str, Any], selling: set[str], keys: MasterKeys, decisions: ImportDecisions
) -> list[LaneRow]:
    """Less lanes to sites that neither sell nor supply. Raises InputError for one, unless they are dropped."""
    alike = {bare(name): name for name in names}
    for lane in lanes:
        for end, name in (("from", lane.source), ("to", lane.destination)):
            other = alike.get(bare(name))
            if name not in names and other is not None:
                raise UnknownName(f"lanes, {end}", name, names, f": is it {other!r}, in other letters?")
    kept = list(lanes)
    while idle := [lane for lane in kept if lane.destination not in selling | {other.source for other in kept}]:
        if keys.idle == "refuse":
            accepted = "lanes to sites that sell something or supply others, or idle=drop"
            raise InputError("lanes, to", f"{idle[0].destination}, where nobody sells anything", accepted)
        named = some(dict.fromkeys(lane.destination for lane in idle))
        decisions.add(
            ImportDecision("lanes", "lanes to sites that neither sell nor supply", len(idle), "idle", "drop", named, True)
        )
        kept = [lane for lane in kept if lane not in idle]
    return kept


def _used(
    sites: Iterable[str], rows: Mapping[str, SiteRow], used: set[str], keys: MasterKeys, decisions: ImportDecisions
) -> list[str]:
    """Less sites of the sites file that no lane leads to and that sell nothing."""
    there = list(sites)
    idle = [name for name in there if name not in used and name in rows]
    if idle and keys.idle == "refuse":
        accepted = "sites that sell something or are on a lane, or idle=drop"
        raise InputError("sites", f"{idle[0]}, which sells nothing and is on no lane", accepted)
    decisions.add(
        ImportDecision("sites", "sites that sell nothing and are on no lane", len(idle), "idle", "drop", some(idle), True)
    )
    return [name for name in there if name not in idle]
