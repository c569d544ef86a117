"""What can be known of events and of what few networks have: fields like the others, absent from a network without them.

Letters: N sites, L lanes, K products, B batch. A field without labels is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ..events.conditions import NEUTRAL, Foreseen, longest_notice
from ..network.network import Network
from ..numerics.arrays import Array, namespace, positive, put_rows, take
from .fields import BY_LANE, BY_SITE, known
from .snapshot import Snapshot

Kept = Literal["known_ahead", "reported"]


def _if_channels(*channels: str) -> Callable[[Network], list[str]]:
    """A label for every lane into a site, in a network that has one of these channels."""

    def labels(network: Network) -> list[str]:
        there = network.events.channels is not None and any(
            getattr(network.events.channels, name) is not None for name in channels
        )
        return [f"lane {lane}" for lane in range(network.topology.inbound.degree)] if there else []

    return labels


def _lanes(now: Snapshot, *channels: str) -> list[Array]:
    """The product of some channels on every lane (L, K, B); nothing for a network without them."""
    if not any(
        now.network.events.channels is not None and getattr(now.network.events.channels, name) is not None for name in channels
    ):
        return []
    like = now.state.open_orders
    values = 0.0 * like + (1.0 if NEUTRAL[channels[0]] else 0.0)
    if now.outlook is None:
        return [values]
    for name in channels:
        on = now.network.on_lanes(name, now.outlook.now, like)
        values = values if on is None else (values * on if NEUTRAL[name] else values + on)
    return [values]


@known("1", BY_LANE, _if_channels("accepting", "available"))
def lane_open(now: Snapshot) -> list[Array]:
    """Share of a lane that is open for orders and shipments in the coming period: 0 where it is closed."""
    return _lanes(now, "accepting", "available")


@known("1", BY_LANE, _if_channels("moving", "receiving"))
def lane_moving(now: Snapshot) -> list[Array]:
    """1 where goods under way move on and are let in, 0 where they are held."""
    return _lanes(now, "moving", "receiving")


@known("periods", BY_LANE, _if_channels("delay"))
def lane_delay(now: Snapshot) -> list[Array]:
    """Periods added to the lead time of what is shipped now."""
    return _lanes(now, "delay")


@known("1", BY_LANE, _if_channels("price"))
def price_factor(now: Snapshot) -> list[Array]:
    """What a lane's unit cost is multiplied by now."""
    return _lanes(now, "price")


@known("1", BY_LANE, _if_channels("tariff"))
def tariff_rate(now: Snapshot) -> list[Array]:
    """Share of a lane's unit cost that is paid on top now."""
    return _lanes(now, "tariff")


def _limits(now: Snapshot, names: Sequence[str], like: Array, ahead: int = 0) -> list[Array]:
    """The share that is left of the limit of each of these sites and suppliers, as rows of `like`, now or so far ahead."""
    place = dict(zip(now.network.limits.limited, now.network.limits.limit_places, strict=True))
    limits = limits_in(now, ahead)
    shares = [None if limits is None or place.get(name) is None else limits[place[name]] for name in names]
    one = 0.0 * like + 1.0
    return [namespace(one).stack([one[row] if share is None else one[row] * share for row, share in enumerate(shares)])]


def limits_in(now: Snapshot, ahead: int) -> Array | None:
    """What is left of limits now (D, 1, B), or what announced events will leave so far ahead; None where nothing is cut."""
    if now.outlook is None or not ahead:
        return None if now.outlook is None else now.outlook.now.limits
    foreseen = now.outlook.announced.get("limits", ())
    return now.outlook.ahead(foreseen, ahead, 1.0) if longest_notice(foreseen) >= ahead else None


def _suppliers(network: Network) -> list[str]:
    """The outside supplier of each lane; nothing for lanes between sites."""
    return ["" if name in network.sites else name for name in network.topology.sources]


def _has_limits(network: Network) -> bool:
    return network.events.channels is not None and network.events.channels.limits is not None


@known("1", BY_SITE, lambda network: [""] if _has_limits(network) else [])
def throughput_left(now: Snapshot) -> list[Array]:
    """Share of its own throughput that a site has in the coming period."""
    return _limits(now, now.network.sites, now.state.on_hand) if _has_limits(now.network) else []


@known("1", BY_LANE, _if_channels("limits"), owner="supplier", visibility="integrated")
def supplier_left(now: Snapshot) -> list[Array]:
    """Share of its capacity that a lane's outside supplier has in the coming period."""
    return _limits(now, _suppliers(now.network), now.state.open_orders) if _has_limits(now.network) else []


def notice(network: Network, channels: Sequence[str]) -> int:
    """Periods ahead that any event on one of these channels is announced."""
    return max(network.events.notice.get(name, 0) for name in channels)


def _news(*channels: str) -> Callable[[Network], list[str]]:
    def labels(network: Network) -> list[str]:
        lanes = range(network.topology.inbound.degree)
        return [f"lane {lane}, in {ahead}" for ahead in range(1, notice(network, channels) + 1) for lane in lanes]

    return labels


def _lanes_ahead(now: Snapshot, *channels: str) -> list[Array]:
    """What announced events will make of lanes on some channels together, by periods ahead, each (L, K, B)."""
    usual = 0.0 * now.state.open_orders + NEUTRAL[channels[0]]
    return [_lanes_in(now, channels, ahead, usual) for ahead in range(1, notice(now.network, channels) + 1)]


def _lanes_in(now: Snapshot, channels: Sequence[str], ahead: int, usual: Array) -> Array:
    values, outlook = usual, now.outlook
    if outlook is None:
        return values
    for name in channels:
        foreseen = outlook.announced.get(name, ())
        if longest_notice(foreseen) >= ahead:
            change = {name: outlook.ahead(foreseen, ahead, NEUTRAL[name])}
            there = now.network.on_lanes(name, outlook.now._replace(**change), usual)
            values = values * there if NEUTRAL[name] else values + there
    return values


@known("1", BY_LANE, _news("tariff"))
def tariffs_ahead(now: Snapshot) -> list[Array]:
    """Tariffs of the periods ahead, as far as they are announced."""
    return _lanes_ahead(now, "tariff")


@known("1", BY_LANE, _news("price"))
def prices_ahead(now: Snapshot) -> list[Array]:
    """What unit costs will be multiplied by in the periods ahead, as far as it is announced."""
    return _lanes_ahead(now, "price")


@known("1", BY_LANE, _news("accepting", "available"), owner="supplier", visibility="integrated")
def openings_ahead(now: Snapshot) -> list[Array]:
    """How far lanes will be open for orders and shipments in the periods ahead, as far as it is announced."""
    return _lanes_ahead(now, "accepting", "available")


@known("1", BY_LANE, _news("moving", "receiving"), owner="supplier", visibility="integrated")
def movements_ahead(now: Snapshot) -> list[Array]:
    """1 where goods under way will move on and be let in in the periods ahead, as far as it is announced."""
    return _lanes_ahead(now, "moving", "receiving")


@known("periods", BY_LANE, _news("delay"), owner="supplier", visibility="integrated")
def delays_ahead(now: Snapshot) -> list[Array]:
    """Periods that will be added to lead times in the periods ahead, as far as it is announced."""
    return _lanes_ahead(now, "delay")


def _limits_ahead(now: Snapshot, names: Sequence[str], like: Array) -> list[Array]:
    """What announced events will leave of limits, by periods ahead."""
    return [share for ahead in range(1, notice(now.network, ("limits",)) + 1) for share in _limits(now, names, like, ahead)]


@known("1", BY_SITE, lambda network: [f"in {ahead}" for ahead in range(1, notice(network, ("limits",)) + 1)])
def throughput_ahead(now: Snapshot) -> list[Array]:
    """Share of its own throughput that a site will have in the periods ahead, as far as it is announced."""
    return _limits_ahead(now, now.network.sites, now.state.on_hand)


@known("1", BY_LANE, _news("limits"), owner="supplier", visibility="integrated")
def supplier_ahead(now: Snapshot) -> list[Array]:
    """Share of its capacity that a lane's outside supplier will have in the periods ahead, as far as it is announced."""
    return _limits_ahead(now, _suppliers(now.network), now.state.open_orders)


def _promoted(network: Network, only_reported: bool) -> int:
    """Periods ahead that promotions are known; −1 where there are none."""
    events = [one.keys for one in network.events.promotions if one.keys.reported > 0 or not only_reported]
    return max((event.known_ahead for event in events), default=-1)


def _promotions(now: Snapshot, foreseen: Foreseen, only_reported: bool) -> list[Array]:
    usual = 0.0 * now.state.on_hand + 1.0
    if now.outlook is None or longest_notice(foreseen) < 0:
        return [usual for _ in range(_promoted(now.network, only_reported) + 1)]
    return [positive(usual + now.outlook.ahead(foreseen, k)) for k in range(_promoted(now.network, only_reported) + 1)]


def _times(only_reported: bool) -> Callable[[Network], list[str]]:
    def labels(network: Network) -> list[str]:
        return [f"in {ahead}" for ahead in range(_promoted(network, only_reported) + 1)]

    return labels


@known("1", BY_SITE, _times(False), applies=lambda autonomy, planner: not planner, private=True)
def promotions_ahead(now: Snapshot) -> list[Array]:
    """What the site's own promotions multiply its mean demand by, in the coming period and those after it; 1 without any."""
    return _promotions(now, () if now.outlook is None else now.outlook.promotions, False)


@known("1", BY_SITE, _times(True), visibility="shared")
def promotions_reported(now: Snapshot) -> list[Array]:
    """The same of promotions that can be put into words, which is all that others hear of them."""
    return _promotions(now, () if now.outlook is None else now.outlook.reported, True)


def _ages(network: Network) -> list[str]:
    count = 0 if network.mechanisms.shelf is None else len(network.mechanisms.shelf.young) - 1
    return [f"{age} ago" for age in range(1, count + 1)]


@known("units", BY_SITE, _ages)
def received(now: Snapshot) -> list[Array]:
    """What came in in the latest periods, where stock perishes; where the youngest goes first, what is left of it."""
    return list(now.state.fresh)


@known("units", BY_LANE, lambda network: _each_lane(network) if network.mechanisms.contract is not None else [], exact=True)
def committed(now: Snapshot) -> list[Array]:
    """What orders under a contract may not be far from; 0 on lanes without one."""
    if now.network.mechanisms.contract is None or now.state.committed is None:
        return []
    rows = 0.0 * now.state.open_orders
    rows[now.network.mechanisms.contract.lanes] = rows[now.network.mechanisms.contract.lanes] + now.state.committed
    return [rows]


@known("1", BY_LANE, lambda network: _each_lane(network) if network.limits.vehicles is not None else [])
def vehicles_free(now: Snapshot) -> list[Array]:
    """Vehicles of a lane that can leave in the coming period; 0 on lanes that need none."""
    vehicles = now.network.limits.vehicles
    if vehicles is None:
        return []
    like = 0.0 * now.state.open_orders
    return [put_rows(like, vehicles.lanes, take(like, vehicles.lanes) + vehicles.free(now.state.away))]


def _each_lane(network: Network) -> list[str]:
    return [f"lane {lane}" for lane in range(network.topology.inbound.degree)]


@known("units", BY_SITE, lambda network: [""] if network.mechanisms.returns is not None else [])
def returns_due(now: Snapshot) -> list[Array]:
    """What customers are expected to bring back in the coming period."""
    returns = now.network.mechanisms.returns
    if returns is None:
        return []
    like = 0.0 * now.state.on_hand
    share = [0.0 * like[0, :1] + way.mean for way in now.network.events.returns]
    return [returns.arrive(like, now.state.sold, namespace(like).stack(share))]
