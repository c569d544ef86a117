"""What an import comes to: a network's keys and text, the record beside it, and every decision and assumption on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import write_bytes, write_text

from .assembly.books import books_of
from .assembly.draft import Draft
from .assembly.record_file import as_csv
from .assembly.yaml_text import as_yaml
from .cleaning.demand_record import DemandRecord
from .fitting.demand_fit import DemandFit
from .fitting.windows import Spans
from .masters.forecasts import ForecastFile
from .record.decisions import ImportDecisions

if TYPE_CHECKING:
    from orderup.envs.scenario.scenario import Scenario

BLOCKS = {"day": 28, "week": 13, "month": 6, "number": 13}
"""Periods in a stretch of the bootstrap, by what a period is."""
RECORD, RECORDED, FORECASTS, BOOKS = "-record.csv.gz", "-recorded.yaml", "-forecasts.csv.gz", "-books"
"""What the files beside a network are called after its name."""


@dataclass
class NetworkFiles:
    """A network from a company's files."""

    draft: Draft
    record: DemandRecord
    fit: DemandFit
    spans: Spans
    decisions: ImportDecisions
    classes: dict[str, str] = field(default_factory=dict)
    """The ABC and XYZ class of each product."""
    forecasts: ForecastFile | None = None
    """Of demand, from a file of them; None where there is none."""

    @property
    def keys(self) -> dict[str, Any]:
        """The scenario's keys."""
        return self.draft.keys

    @property
    def assumptions(self) -> list[str]:
        """What no file tells, a sentence each."""
        return self.draft.assumptions

    @cached_property
    def scenario(self) -> Scenario:
        """The network as a scenario, with demand as it was fitted."""
        return load_scenario(dict(self.keys))

    @property
    def yaml(self) -> str:
        """The network's file."""
        return as_yaml(self.draft, self._heading)

    def recorded_keys(self, path: str, forecasts: str = "") -> dict[str, Any]:
        """The same with the demand of the record, which is at a path, and with the forecasts at another if there are any."""
        keys = {name: value for name, value in self.keys.items() if name not in ("correlation", "calendar")}
        names, unit = self.record.names, self.record.periods.unit
        windows = {
            name: [names[first], names[last]]
            for name in ("train", "validation", "test")
            for first, last in [getattr(self.spans, name)]
        }
        data = {"path": path, "windows": windows, "block": BLOCKS[unit], "frequency": unit}
        customers = [{**entry, "demand": {"type": "file"}} for entry in self.keys["customers"]]
        order = {**keys, "name": f"{keys['name']}_recorded", "customers": customers}
        told = {} if self.forecasts is None else {"forecasts": {"path": forecasts, "columns": self.forecasts.columns}}
        return {"name": order.pop("name"), **order, "data": data, **told}

    def write(self, path: str | Path, overwrite: bool = False) -> list[Path]:
        """Write the network, the record of demand, the network with that record, and today's books; their paths come back.

        Nothing is written where one of them is there already, unless `overwrite`. Raises InputError.
        """
        network = Path(path).expanduser()
        if network.suffix not in (".yaml", ".yml"):
            raise InputError("output", str(path), "a name that ends in .yaml")
        stem = network.with_suffix("")
        record, recorded = Path(f"{stem}{RECORD}"), Path(f"{stem}{RECORDED}")
        told = [] if self.forecasts is None else [Path(f"{stem}{FORECASTS}")]
        for file in (network, record, recorded, *told):
            if file.exists() and not overwrite:
                raise InputError("output", str(file), "a name that is not taken, or overwrite=true")
        beside = Path(path).parent
        keys = self.recorded_keys(str(beside / record.name), str(beside / f"{stem.name}{FORECASTS}"))
        other = Draft(keys, {}, self.draft.assumptions)
        texts = {
            network: self.yaml,
            recorded: as_yaml(other, [f"{keys['name']}: the network of {network.name}, on the demand there was."]),
        }
        books = {Path(f"{stem}{BOOKS}") / f"{name}.csv": text for name, text in books_of(self.keys).items()}
        write_bytes(record, as_csv(self.record))
        if self.forecasts is not None:
            write_bytes(told[0], self.forecasts.as_csv)
        for file, text in {**texts, **books}.items():
            write_text(file, text)
        return [network, record, recorded, *told, *books]

    @property
    def _heading(self) -> list[str]:
        between = f"{self.record.names[0]} to {self.record.names[-1]}"
        return [
            "A network from a company's files, written by `orderup import`: change what you know better.",
            "",
            f"Demand of {len(self.record.products)} products at {len(self.record.sites)} sites, {between}, by "
            f"{self.record.periods.word}.",
            self.fit.held_out.sentence[:1].upper() + self.fit.held_out.sentence[1:] + ".",
            "",
            "What was found in the files and decided:",
            *(f"- {decision.sentence}" for decision in self.decisions),
            "",
            "What no file tells and was assumed:",
            *(f"- {assumption}" for assumption in self.assumptions),
            "",
            "Classes by turnover (A to C) and evenness (X to Z):",
            *(
                f"- {name}: {', '.join(product for product, own in self.classes.items() if own == name)}"
                for name in sorted(set(self.classes.values()))
            ),
            "",
        ]
