"""What forecasts from elsewhere tell of demand ahead: a field like the others, absent from a network without them."""

from __future__ import annotations

from ..network.network import Network
from ..numerics.arrays import Array, namespace
from .fields import BY_SITE, known
from .snapshot import Snapshot


def _quantiles(network: Network) -> list[str]:
    """A label for each quantile of each period ahead."""
    if network.forecasts is None:
        return []
    levels = network.forecasts.levels.levels
    return [f"{level:g} in {periods}" for periods in range(network.forecasts.ahead) for level in levels]


@known("units", BY_SITE, _quantiles, exact=True)
def forecast(now: Snapshot) -> list[Array]:
    """Quantiles of what its own customers will ask for, in the coming period and those after it, as forecasts have them."""
    source = now.network.forecasts
    if source is None:
        return []
    told = None if now.outlook is None else now.outlook.forecasts
    if told is None:
        like = now.state.on_hand * 0.0
        usual = namespace(like).asarray(source.usual, dtype=like.dtype, device=getattr(like, "device", None))
        return [like + usual[quantile][:, :, None] for _ in range(source.ahead) for quantile in range(len(source.usual))]
    found = []
    for periods in range(source.ahead):
        quantiles = told.ahead(now.period, periods)
        found += [quantiles[number] for number in range(quantiles.shape[0])]
    return found
