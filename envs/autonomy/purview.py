"""What the sites of a network may decide at a level of autonomy, and what the level comes to where that is all, or nothing.

Letters: L lanes, K products.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError, UnknownName
from ..network.topology import Topology
from .authority import authorities
from .autonomy import Autonomy


def settled(autonomy: Autonomy, topology: Topology) -> Autonomy:
    """A level as it is on a network: a share of sites is a purview over them, and who has nothing to decide is not there.

    Where sites decide everything a centre that orders, or sets levels, is left with nothing, and the level is that of
    autonomous sites with the same other axes; where they decide nothing it is the centre's alone. Raises InputError for a share
    that cannot be.
    """
    if autonomy.share is not None:
        deciding, chosen = _deciding(topology), _chosen(autonomy, topology)
        if not autonomy.has_planner and len(chosen) < len(deciding):
            raise InputError(
                "autonomy.share", autonomy.share, f"{len(deciding)} with authority {autonomy.authority}: there is no centre"
            )
        if not chosen:
            return _with_authority(autonomy, autonomy.acts.without_sites)
        every = len(chosen) == len(deciding)
        autonomy = _changed(autonomy, share=None, purview=None if every else dict.fromkeys(chosen))
        return _with_authority(autonomy, autonomy.acts.without_centre) if every else autonomy
    if autonomy.purview and autonomy.acts.without_centre and purview(autonomy, topology).all():
        return _with_authority(autonomy, autonomy.acts.without_centre)
    return autonomy


def purview(autonomy: Autonomy, topology: Topology) -> NDArray[np.bool_]:
    """Which lanes and products the sites may decide (L, K), at a level that is settled on the network.

    Raises InputError for a name that is not there, and for a lane that is left to nobody.
    """
    lanes, products = len(topology.lanes), len(topology.products)
    if not autonomy.has_sites:
        return np.zeros((lanes, products), dtype=bool)
    if autonomy.purview is None:
        return np.ones((lanes, products), dtype=bool)
    mask = np.zeros((lanes, products), dtype=bool)
    for name, given in autonomy.purview.items():
        if name in topology.sites:
            rows = topology.destination == topology.sites.index(name)
        elif name in topology.lanes:
            rows = np.array(topology.lanes) == name
        else:
            raise UnknownName("autonomy.purview", name, [*topology.sites, *topology.lanes])
        for product in given or topology.products:
            if product not in topology.product_place:
                raise UnknownName(f"autonomy.purview.{name}", product, topology.products)
            mask[rows, topology.product_place[product]] = True
    if not mask.any():
        raise InputError("autonomy.purview", autonomy.purview, "something for the sites to decide")
    if not autonomy.has_planner and not mask.all():
        left = topology.lanes[int(np.argmin(mask.all(axis=1)))]
        raise InputError(
            "autonomy.purview", f"{left} left to nobody", "every lane and product, as there is no centre for the rest"
        )
    return mask


def pooled(autonomy: Autonomy, within: NDArray[np.bool_]) -> bool | NDArray[np.bool_]:
    """Whether all orders of a supplier pass the centre, or by which lanes (L,) they do, `within` being the purview (L, K)."""
    if autonomy.has_planner and autonomy.sites_are_free:
        return np.logical_not(within.all(axis=1))
    return autonomy.pools_orders


def _deciding(topology: Topology) -> list[str]:
    """Sites to which some lane leads, the most downstream first, then in the scenario's order."""
    return [name for number, name in enumerate(topology.sites) if (topology.destination == number).any()]


def _chosen(autonomy: Autonomy, topology: Topology) -> list[str]:
    """The sites that a level's share names, or counts."""
    share, deciding = autonomy.share, _deciding(topology)
    if isinstance(share, int):
        if share > len(deciding):
            raise InputError("autonomy.share", share, f"0 to {len(deciding)}: so many sites order something")
        return deciding[:share]
    named = [share] if isinstance(share, str) else share or []
    for name in named:
        if name not in deciding:
            raise UnknownName("autonomy.share", name, deciding)
    return [name for name in deciding if name in named]


def _with_authority(autonomy: Autonomy, name: str | None) -> Autonomy:
    """The level under another authority, without the keys that mean nothing there."""
    changes: dict[str, Any] = {"share": None, "purview": None}
    if name is not None:
        changes |= {"authority": name, "band": None, "approval_threshold": None}
        if not authorities[name].has_planner:
            changes |= {"cadence": 1, "approval_latency": 0, "plan": None}
            if autonomy.visibility == "silo":
                changes |= {"feed_latency": 0, "feed_noise": 0.0}
    return _changed(autonomy, **changes)


def _changed(autonomy: Autonomy, **keys: Any) -> Autonomy:
    return autonomy.model_copy(update=keys)
