"""What the commands about books ask for."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from orderup.envs.demand.periods import Frequency
from orderup.envs.foundation.validation import Keys, Seed


class ReadingKeys(Keys):
    """How books are read."""

    first: str | None = Field(
        None,
        description="The period that is an episode's number 0, where the season and the centre's turns begin; left out: 0 of "
        "numbered periods, else the first of the training data, or the first on record",
    )
    frequency: Frequency | None = Field(None, description="What a period is; left out: what the names of periods tell")
    negative: Literal["refuse", "backlog"] = Field(
        "refuse", description="Stock below zero: refused, or counted as owed to the site's customers"
    )
    unknown: Literal["refuse", "leave_out"] = Field(
        "refuse", description="Stock of products or at sites that the scenario does not have: refused, or left out and counted"
    )


class Decide(ReadingKeys):
    """Today's orders, from today's stock, goods under way and backlog; they go to orders/<name>/orders.csv, with a page."""

    scenario: Any = Field(None, description="A name or a YAML path, which may stand alone; left out: that of the run")
    autonomy: Any = Field(None, description="Autonomy level; left out: the run's, else autonomous_silo")
    agent: Any = Field(None, description="Agent; left out: base_stock")
    run: str | None = Field(None, description="Folder of a trained run, in place of an agent")
    allow: list[str] = Field([], description="Packages of your own that a run may import: allow=[my_package]")
    books: str | None = Field(None, description="Folder with stock.csv and the other tables; single ones are named below")
    stock: str | None = Field(None, description="Stock on the shelf: site, product, on_hand")
    backlog: str | None = Field(None, description="What customers are owed: site, product, backlog")
    under_way: str | None = Field(
        None, description="Orders not arrived: lane (or from, to), product, quantity, status, since, due"
    )
    sales: str | None = Field(None, description="Periods that are over: period, site, product, demand, served")
    ordered: str | None = Field(None, description="The same: period, lane (or from, to), product, quantity")
    memory: str | None = Field(None, description="What few networks remember: what, place, product, age, quantity")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")
    seed: Seed = Field(0, description="Of a policy that draws lots")
    name: str | None = Field(None, description="Of the folder; left out: the scenario's, and today's period")
    overwrite: bool = Field(False, description="Replace orders of this name that another command made")
