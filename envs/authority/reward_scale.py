"""What rewards are multiplied by, so that learners see numbers of the order of one: 1 / cost by the closed form.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ..foundation.errors import InputError
from ..network.network import Network
from .rewards import Reward, Tracking

ScaleLike: TypeAlias = float | Literal["auto"]
"""A number above 0, or `auto`."""
RATIOS = (0.5, 0.999)
"""Between which a site's critical ratio is taken to lie."""
SAFETY = 2.0
"""Standard deviations that a site without customers of its own holds."""


def scale_of(given: Any, reward: Reward, network: Network) -> float:
    """The number that is asked for; `auto` is 1 / `closed_form_cost`, and 1 for rewards that are no money.

    Raises InputError for anything else.
    """
    if given == "auto":
        return 1.0 if isinstance(reward, Tracking) else 1.0 / closed_form_cost(network)
    is_number = isinstance(given, (int, float, np.number)) and not isinstance(given, bool)
    if not is_number or not 0 < float(given) < math.inf:
        raise InputError("reward_scale", given, "auto, or a number above 0")
    return float(given)


def closed_form_cost(network: Network) -> float:
    """What a period costs a site, on average over sites, were each alone at its newsvendor level [money]; 1 where nothing does.

    Demand over a protection interval is taken as normal, of which a site with customers holds the critical ratio's quantile at
    (h + b) σ φ(z), and any other two standard deviations; what goes its usual way is bought, shipped and charged in transit.
    """
    cost = float((_held(network) + _moved(network)).sum())
    if not cost > 0:
        cost = float((network.costs.holding[:, :, 0] * network.loads.mean[:, :, 0]).sum())
    return cost / len(network.sites) if cost > 0 else 1.0


def _held(network: Network) -> NDArray[np.float64]:
    """Of stock and shortages (N, K)."""
    main = network.topology.main_lanes
    periods = np.where(main < 0, 1, network.times.protection[np.maximum(main, 0)])
    spread = network.loads.deviation[:, :, 0] * np.sqrt(periods)
    holding, shortage = network.costs.holding[:, :, 0], _shortage(network)
    both = holding + shortage
    ratio = np.clip(np.divide(shortage, both, out=np.ones_like(both), where=both > 0), *RATIOS)
    density = stats.norm.pdf(stats.norm.ppf(ratio))
    found: NDArray[np.float64] = spread * np.where(shortage > 0, both * density, SAFETY * holding)
    return found


def _shortage(network: Network) -> NDArray[np.float64]:
    """What a unit short costs at each site, the mean of its customers' (N, K); 0 where it has none."""
    at = network.topology.customer_site
    total, count = np.zeros(network.topology.main_lanes.shape), np.zeros(len(network.sites))
    np.add.at(total, at, network.costs.shortage[:, :, 0])
    np.add.at(count, at, 1.0)
    return total / np.maximum(count, 1.0)[:, None]


def _moved(network: Network) -> NDArray[np.float64]:
    """Of what is bought, and is under way (N, K)."""
    main = network.topology.main_lanes
    lane, product = np.maximum(main, 0), np.arange(main.shape[1])
    rate = network.costs.transit_rate[:, :, 0] * network.times.known_lead_time[:, None] + network.costs.unit_cost[:, :, 0]
    found: NDArray[np.float64] = np.where(main < 0, 0.0, rate[lane, product] * network.loads.mean[:, :, 0])
    return found
