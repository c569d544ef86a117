"""Any agent on the games of InventoryBench: `python -m benchmarks.inventorybench data=FILE [agent=…] [orders=FOLDER]`.

InventoryBench (2026; github.com/TianyiPeng/InventoryBench, MIT) is a public benchmark for language models and hybrids: games of
one product whose demand nobody describes, five periods of which are known before. The file, CSV, gzipped or not, has a row for
each period of each game with the columns instance, split, period, demand, lead_time, profit and holding. All games of a group
are one scenario here, a store for each, whose customers do not wait. A store knows the promised lead time (0 and 4 periods are
kept, and counted on; 2 are not, and no more than a promise), and at once of an order that never arrives. A game scores the
share of what could be earned at most, profit on all demand, or nothing where that is below 0. Nothing of the project is trained
on these games.

That promises of 0 and 4 are kept is told nobody who plays there, though whoever has played knows; with `doubt=all` stores count
on none.

`agent=universal` alone estimates demand as it goes; others are given the mean and the deviation of the five periods. With
`orders=FOLDER` each game's orders go into a file of their own, `<instance>.csv`, period and quantity, as a submission has them.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderup.agents.make import make_agent
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import write_text
from orderup.envs.simulator import Simulator

COLUMNS = ("instance", "split", "period", "demand", "lead_time", "profit", "holding")
KNOWN = 5
"""Periods of demand that are known before a game."""
PROMISED = {"lead_time_0": 0, "lead_time_4": 4, "lead_time_stochastic": 2}
"""By the name of a group: what a store is told of its supplier [periods]."""
MAY_MISS = 2
"""A promise of so many periods is one that suppliers miss; others are kept, and stores may count on them."""


@dataclass(frozen=True, eq=False)
class Group:
    """Games of one family and one kind of lead time, which are equally long."""

    name: str
    games: list[str]
    known: NDArray[np.float64]
    """Demand before them (G, 5)."""
    demand: NDArray[np.float64]
    """(G, T)"""
    lead_time: NDArray[np.float64]
    """Of an order placed in each period (G, T), infinite for one that never arrives."""
    profit: NDArray[np.float64]
    """(G,)"""
    holding: NDArray[np.float64]

    @property
    def stores(self) -> list[str]:
        """What the games are called in a scenario."""
        return [f"store_{number + 1}" for number in range(len(self.games))]

    def scenario(self, record: Path, doubt: bool = False) -> dict[str, Any]:
        """The keys of a scenario in which each game is a store; their demand is written to `record`.

        Where there is `doubt`, stores count on no promise.
        """
        self._write(record)
        promised = PROMISED[self.name.split("/")[1]]
        periods = self.demand.shape[1]
        first = KNOWN + 2  # a window to tune on has to be there; it is of one period, the last known one again
        windows = {"train": [1, KNOWN], "validation": [first - 1, first - 1], "test": [first, first + periods - 1]}
        lanes, customers = [], []
        for number, store in enumerate(self.stores):
            times = [None if np.isinf(time) else int(time) for time in self.lead_time[number]]
            lane = {"from": "supplier", "to": store, "lead_time": {"type": "replay", "values": times}}
            lanes.append(lane | ({"promised": promised} if doubt or promised == MAY_MISS else {}))
            profit = float(self.profit[number])
            customers.append(
                {"site": store, "shortage": profit, "unmet": "lost", "observes": "demand", "demand": {"type": "file"}}
            )
        return {
            "name": "inventorybench",
            "horizon": periods,
            "data": {"path": str(record), "windows": windows},
            "sites": {
                store: {"role": "store", "holding": float(self.holding[number]), "initial": 0.0}
                for number, store in enumerate(self.stores)
            },
            "lanes": lanes,
            "customers": customers,
        }

    def _write(self, record: Path) -> None:
        series = np.concatenate([self.known, self.known[:, -1:], self.demand], axis=1)
        rows = [
            f"{period + 1},{store},product,{demand:g}"
            for store, values in zip(self.stores, series, strict=True)
            for period, demand in enumerate(values)
        ]
        write_text(record, "\n".join(["period,site,product,demand", *rows]) + "\n")


@dataclass(frozen=True, eq=False)
class Played:
    """What an agent made of a group."""

    scores: NDArray[np.float64]
    """(G,)"""
    orders: NDArray[np.float64]
    """(G, T)"""
    seconds: float
    """For the decisions of one period of one game, on average."""


def groups(path: Path) -> list[Group]:
    """The games of a file. Raises InputError for one that is not as it should be."""
    if not path.is_file():
        raise InputError("data", str(path), "a file of InventoryBench's games")
    table = pd.read_csv(path)
    if missing := [name for name in COLUMNS if name not in table.columns]:
        raise InputError("data", f"{path.name} without {', '.join(missing)}", f"the columns {', '.join(COLUMNS)}")
    parts = table["instance"].str.split("/")
    table["group"] = parts.str[0] + "/" + parts.str[1]
    if unknown := sorted(set(parts.str[1]) - set(PROMISED)):
        raise InputError("data", f"lead times called {', '.join(unknown)}", f"one of {', '.join(PROMISED)}")
    return [_group(str(name), rows) for name, rows in table.groupby("group", sort=True)]


def _group(name: str, rows: pd.DataFrame) -> Group:
    before, game = rows[rows["split"] == "train"], rows[rows["split"] == "test"]

    def wide(part: pd.DataFrame, column: str) -> NDArray[np.float64]:
        return part.pivot(index="instance", columns="period", values=column).sort_index().to_numpy(float)

    found = wide(before, "demand"), wide(game, "demand"), wide(game, "lead_time")
    if found[0].shape[1] != KNOWN or np.isnan(np.concatenate(found, axis=1)).any():
        raise InputError(
            "data", f"games of {name} of unequal length", f"{KNOWN} periods before each, and the same periods in all"
        )
    once = game.groupby("instance").first().sort_index()
    money = (once[column].to_numpy(float) for column in ("profit", "holding"))
    return Group(name, [str(game) for game in once.index], *found, *money)


def play(group: Group, agent: Any, doubt: bool = False) -> Played:
    """All games of a group side by side."""
    with TemporaryDirectory() as folder:
        scenario = group.scenario(Path(folder) / "demand.csv", doubt)
        simulator = Simulator(scenario, "autonomous_silo", batch=1, split="test")
        simulator.reset(0)
        network = simulator.numpy_network
        agent.reset(simulator.context(0, "sites"))
        began, paid, orders = time.perf_counter(), 0.0, []
        while not simulator.done:
            ledger = simulator.advance(agent.act(simulator.information_of("sites")))
            paid = paid + ledger.by_site[:, 0]
            flows = simulator.now.flows
            assert flows is not None  # a period is over
            orders.append(flows.orders[:, 0, 0])
        took = time.perf_counter() - began
    place = [network.sites.index(store) for store in group.stores]
    by_lane = [int(np.flatnonzero(network.topology.destination == at)[0]) for at in place]
    cost = np.asarray(paid)[place]
    most = group.profit * group.demand.sum(axis=1)
    scores = np.maximum(0.0, 1.0 - cost / np.maximum(most, 1e-12))
    return Played(scores, np.stack(orders, axis=1)[by_lane], took / group.demand.size)


def submitted(group: Group, played: Played, folder: Path) -> None:
    """Write the orders of each game to a file of its own."""
    for game, orders in zip(group.games, played.orders, strict=True):
        path = folder / f"{game}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = "\n".join(f"{period},{round(quantity)}" for period, quantity in enumerate(orders))
        write_text(path, f"period,quantity\n{rows}\n")


def main(given: list[str]) -> int:
    """Print each agent's scores by group."""
    keys = dict(argument.split("=", 1) for argument in given if "=" in argument)
    if "data" not in keys or set(keys) - {"data", "agent", "orders", "doubt"} or keys.get("doubt", "all") != "all":
        print(__doc__, file=sys.stderr)
        return 2
    names = keys.get("agent", "universal,base_stock").strip("[]").split(",")
    try:
        found = groups(Path(keys["data"]))
        out = csv.writer(sys.stdout)
        out.writerow(["agent", *(group.name for group in found), "all", "ms for a decision"])
        for name in names:
            keys_of = {"type": "universal", "demand": "estimated"} if name == "universal" else name
            played = [play(group, make_agent(keys_of), "doubt" in keys) for group in found]
            if "orders" in keys:
                for group, one in zip(found, played, strict=True):
                    submitted(group, one, Path(keys["orders"]) / name)
            scores = [one.scores for one in played]
            of_all = float(np.concatenate(scores).mean())
            took = 1000 * float(np.mean([one.seconds for one in played]))
            out.writerow([name, *(f"{score.mean():.4f}" for score in scores), f"{of_all:.4f}", f"{took:.3f}"])
            sys.stdout.flush()
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
