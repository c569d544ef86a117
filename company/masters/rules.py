"""The file of reorder rules, as Odoo and ERPNext keep them: of each product at a site, when and in what packs it is ordered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..record.decisions import ImportDecision, ImportDecisions
from ..tables.options import ReadingOptions
from .keys import MasterKeys
from .known import KnownNames, matched
from .master import read_master

ROLES = ("site", "product", "reorder_level", "order_up_to", "reorder_quantity", "multiple")


def read_rules(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    keys: MasterKeys,
    sites: KnownNames,
    products: KnownNames,
    decisions: ImportDecisions,
) -> dict[tuple[str, str], float]:
    """The pack of each site and product [units]; rules without one have none. Raises InputError."""
    master = read_master(source, "rules", ROLES, ("site", "product"), given, reading, decisions)
    master, named = matched(master, "product", products, keys, decisions)
    before = master
    master, standing = matched(master, "site", sites, keys, decisions)
    left = np.isin(before.table.rows, master.table.rows)
    named = [name for name, keep in zip(named, left, strict=True) if keep]
    packs = master.numbers("multiple")
    levels = int((~np.isnan(master.numbers("reorder_level", least=None))).sum())
    decisions.add(
        ImportDecision(
            master.name, "rules with a level", levels, "", "not part of the network: a policy chooses its own", changes=False
        )
    )
    found: dict[tuple[str, str], float] = {}
    for row, (site, product, pack) in enumerate(zip(standing, named, packs.tolist(), strict=True)):
        if pack > 0 and found.setdefault((site, product), pack) != pack:
            told = f"{pack:g}, after {found[site, product]:g} in another row"
            raise master.refuse(row, "multiple", told, "one pack for each product at a site")
    return found
