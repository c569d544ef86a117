"""The simulator's states as a company's tables: what a period begins with, and what moved in the one before it.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..foundation.files import write_text
from ..information.snapshot import Snapshot
from ..network.network import Network
from ..numerics.arrays import Array, Floats, in_float64
from ..physics.state import Flows, State
from .memory import KINDS, MISREAD
from .moved import SCRAPPED
from .under_way import rows_of

if TYPE_CHECKING:
    import pandas as pd


def sheets_of(
    now: Snapshot, network: Network, decided: Array | None = None, error: Array | None = None, row: int = 0
) -> dict[str, pd.DataFrame]:
    """The tables of one episode of a batch, by kind, with a column `period`; `network` is the snapshot's in NumPy.

    What was `decided` on in the last period (L, K, B) is what was ordered, unless something waits for approval; `error` is that
    of the feed's readings (N, K, B). Amounts of nothing are left out, but for stock and sales.
    """
    import pandas as pd

    state, flows = (None if it is None else _in_numpy(it, row) for it in (now.state, now.flows))
    assert state is not None  # a snapshot has one
    tables = {
        "stock": _by_site(network, state.on_hand),
        "backlog": _by_customer(network, {"backlog": state.backlog}),
        "under_way": _under_way(network, state, now.period),
        "memory": _memory(network, state, flows, None if error is None else in_float64(error)[..., row, None]),
    }
    dated = {name: frame.assign(period=now.period) for name, frame in tables.items()}
    if flows is not None:
        orders = flows.orders if decided is None else in_float64(decided)[..., row : row + 1]
        sold = {"demand": flows.demand, "served": flows.served}
        sold |= {} if flows.spilled is None else {"elsewhere": flows.spilled}
        dated["sales"] = _by_customer(network, sold).assign(period=now.period - 1)
        dated["ordered"] = _by_lane(network, {"quantity": orders, "placed": flows.orders, "known": flows.known}).assign(
            period=now.period - 1
        )
    return {name: pd.DataFrame(frame) for name, frame in dated.items()}


def write_sheets(folder: str | Path, days: Sequence[Mapping[str, pd.DataFrame]]) -> None:
    """Write the tables of some periods, one after the other, to `folder/stock.csv` and so on, with every digit."""
    import pandas as pd

    for name in dict.fromkeys(name for day in days for name in day):
        table = pd.concat([day[name] for day in days if name in day])
        write_text(Path(folder) / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))


def _in_numpy(values: Any, row: int) -> Any:
    """One episode of a batch."""

    def one(value: Any) -> Any:
        if value is None or isinstance(value, tuple):
            return value if value is None else tuple(map(one, value))
        return in_float64(value)[..., row if value.shape[-1] > 1 else 0, None]

    return values._replace(**{name: one(value) for name, value in values._asdict().items() if name != "conditions"})


def _by_site(network: Network, values: Floats) -> pd.DataFrame:
    import pandas as pd

    site, product = np.indices(values.shape[:2]).reshape(2, -1)
    return pd.DataFrame(
        {
            "site": np.array(network.sites)[site],
            "product": np.array(network.products)[product],
            "on_hand": values[site, product, 0],
        }
    )


def _by_customer(network: Network, values: Mapping[str, Floats]) -> pd.DataFrame:
    import pandas as pd

    row, product = np.indices((len(network.customers), len(network.products))).reshape(2, -1)
    names = np.array([name.rpartition("/")[::2] for name in network.customers])[row]
    told = {name: np.broadcast_to(amounts, (*amounts.shape[:2], 1))[row, product, 0] for name, amounts in values.items()}
    table = pd.DataFrame({"site": names[:, 0], "segment": names[:, 1], "product": np.array(network.products)[product], **told})
    return table[table["backlog"] != 0] if "backlog" in table else table


def _by_lane(network: Network, values: Mapping[str, Floats]) -> pd.DataFrame:
    import pandas as pd

    there = np.any([amounts[:, :, 0] != 0 for amounts in values.values()], axis=0)
    lane, product = np.nonzero(there)
    told = {name: amounts[lane, product, 0] for name, amounts in values.items()}
    names = {"lane": np.array(network.lanes)[lane], "product": np.array(network.products)[product]}
    return pd.DataFrame({**names, **told})


def _under_way(network: Network, state: State, period: int) -> pd.DataFrame:
    """Everything that has not arrived, with the periods in which it set out and is due, where that can be known."""
    import pandas as pd

    shape = (len(network.lanes), len(network.products))
    found = []
    for status, pipelines, loads in (
        ("shipped", network.ordering.shipment_pipelines, state.shipped),
        ("sent", network.ordering.order_pipelines, state.sent),
    ):
        for part in rows_of(pipelines, loads, shape):
            names = {"lane": np.array(network.lanes)[part["lane"]], "product": np.array(network.products)[part["product"]]}
            when = {"since": period - part["ago"], "due": period + part["due"]}
            found.append(pd.DataFrame({**names, "quantity": part["quantity"], "status": status, **when}))
    latency = len(state.pending)
    parts: list[tuple[str, Floats, int | None, int | None]] = [("open", state.open_orders, None, None)]
    parts += [("waiting", orders, period - 1 - age, period + latency - 1 - age) for age, orders in enumerate(state.pending)]
    parts += [("missing", orders, period - 1 - age, None) for age, orders in enumerate(state.missing)]
    parts += [] if state.door is None else [("door", state.door, None, None)]
    for status, orders, since, due in parts:
        found.append(_by_lane(network, {"quantity": orders}).assign(status=status, since=since, due=due))
    return pd.concat([table.astype({"since": "Int64", "due": "Int64"}) for table in found], ignore_index=True)


def _memory(network: Network, state: State, flows: Flows | None, error: Floats | None) -> pd.DataFrame:
    import pandas as pd

    found = [pd.DataFrame({"what": [], "place": [], "product": [], "age": [], "quantity": []})]
    kept = {name: (getattr(state, kind.field), kind.names(network)) for name, kind in KINDS.items()}
    if flows is not None and flows.scrapped is not None:
        kept[SCRAPPED] = (flows.scrapped, network.sites)
    if error is not None:
        kept[MISREAD] = (error, network.sites)
    for name, (values, places) in kept.items():
        several = isinstance(values, tuple)
        for age, amounts in enumerate(values if several else () if values is None else (values,)):
            row, product = np.indices(amounts.shape[:2]).reshape(2, -1)
            called = np.array(network.products)[product] if amounts.shape[1] > 1 or len(network.products) == 1 else ""
            places_of = np.array(places)[row]
            table = pd.DataFrame({"what": name, "place": places_of, "product": called, "quantity": amounts[row, product, 0]})
            found.append(table.assign(age=age if several else 0))
    return pd.concat([table for table in found if len(table)] or found, ignore_index=True)
