"""What is on record of demand before an episode: the training window of recorded demand.

Letters: N sites, K products, W periods.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.demand.file import FileDemand
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

KEY = "agent.history"


def known_history(network: Network, periods: int | None) -> list[Floats]:
    """What each site's own customers asked for in the latest periods of the record, the oldest first, each (N, K) [units].

    None of demand that is drawn. Raises InputError where more `periods` are wanted than are on record.
    """
    records = [
        source.process.history("train", source.products)
        for source in network.demand.sources
        if isinstance(source.process, FileDemand)
    ]
    if len(records) < len(network.demand.sources):
        if periods:
            raise InputError(KEY, periods, "0, or nothing, unless all demand is recorded: of what is drawn there is no record")
        return []
    shortest = min(map(len, records))
    if periods is not None and periods > shortest:
        raise InputError(KEY, periods, f"at most {shortest}, the periods of the training window")
    length = shortest if periods is None else periods
    found = np.zeros((length, len(network.sites), len(network.products)))
    for source, record in zip(network.demand.sources, records, strict=True):
        found[:, network.demand.site_of_row[source.row], source.columns] += record[len(record) - length :]
    return list(found)
