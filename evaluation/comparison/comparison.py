"""Several policies and autonomy levels side by side on the same traces."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from orderup.envs.foundation.errors import InputError

from ..measures.kpi import Kpi
from ..measures.money import Money
from ..running.result import Result, Skipped, Traces
from ..running.shown import columns, html_table, told
from ..statistics.statistics import CONFIDENCE, Interval, holm, traces_of
from . import frames
from .agreement import alike, differing_decisions, order_distance
from .below import below
from .calibration import Calibration, calibration, forecast_notes
from .caveats import collected
from .contrast import differences, p_value, relative_cost
from .headline import headline
from .ladder import Ladder, ladder_best, ladder_same
from .method import Method, methods_of
from .prices import Bound, Prices, bound_of, prices_of
from .selfish import LARGEST_GAIN, Leaving, leaving, reasons


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several policies and autonomy levels on the same traces. Raises InputError where the traces differ."""

    results: tuple[Result, ...]
    skipped: tuple[Skipped, ...] = ()
    bounds: tuple[Bound, ...] = ()
    """Costs that nobody can be below; the optimum, where it is among the results, need not be given."""
    largest_gain: float = LARGEST_GAIN
    """Share of its own cost that a site may gain by leaving what all have learnt, for a price of anarchy to be told."""

    against: str = ""
    """The label of the method that all are compared with; left out: the first whose centre orders for all, else the first."""

    def __post_init__(self) -> None:
        if not self.results:
            raise InputError("results", "none", "at least one")
        for result in self.results:
            if result.traces != self.traces:
                raise InputError(
                    f"results of {result.label}", _difference(result.traces, self.traces), "the same traces for all"
                )

    def __repr__(self) -> str:
        """The finding, and a line for each method."""
        rows = [(method.label, told(method.worth)) for method in self.methods]
        return f"{self.traces}: {self.headline}\n{columns(rows)}"

    def _repr_html_(self) -> str:
        rows = [(method.autonomy.name, method.name, told(method.worth)) for method in self.methods]
        return f"<p>{html.escape(self.headline)}</p>{html_table(('autonomy', 'agent', self.money.word), rows)}"

    @property
    def traces(self) -> Traces:
        """What all were evaluated on."""
        return self.results[0].traces

    @property
    def failed(self) -> bool:
        """Whether somebody is left out for an error of his own program."""
        return any(skipped.failed for skipped in self.skipped)

    @cached_property
    def methods(self) -> tuple[Method, ...]:
        """Who was evaluated: a rule at an autonomy level, or a learner at one with all its seeds."""
        return methods_of(self.results)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why to be careful with what this says."""
        found, sums, groups = [*self.traces.warnings], self.results[0].sums, self.results[0].groups
        if groups is not None:
            count = f"{traces_of(len(sums), groups)} of the {len(sums)} episodes"
            found.append(f"only {count} differ, as recorded demand has few windows: each counts once")
        elif (distinct := len(sums.drop_duplicates())) < len(sums):
            found.append(f"only {distinct} of the {len(sums)} episodes differ: the intervals are too narrow")
        return (*found, *(flag for method in self.methods for flag in method.flags), *reasons(self.methods, self.largest_gain))

    @cached_property
    def errors(self) -> tuple[str, ...]:
        """What cannot be: somebody below what nobody can be below."""
        bounds = self.bounds or tuple(bound for bound in [self.bound] if bound is not None)
        evaluated = [(method.label, method.costs) for method in self.methods]
        return tuple(said for bound in bounds for said in below(bound, evaluated))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the methods leave out of account by their own account, each thing once with whom it is true of."""
        return collected((method.label, method.caveats) for method in self.methods)

    @cached_property
    def reference_method(self) -> Method:
        """Whom all are compared with: who is named, else the first whose authority is central, else the first of all."""
        named = [method for method in self.methods if method.label == self.against]
        central = [method for method in self.methods if method.autonomy.orders_for_all]
        return (*named, *central, *self.methods)[0]

    @property
    def money(self) -> Money:
        """Whether what methods come to is told as a cost or a profit."""
        return Money(self.results[0].earns)

    @property
    def asked(self) -> tuple[Kpi, ...]:
        """KPIs that were asked for, which have columns of their own in tables."""
        return self.results[0].asked

    @property
    def reference(self) -> Result:
        """The first seed of the method that all are compared with."""
        return self.reference_method.seeds[0]

    def difference(self, judged: Result | Method, kpi: str = "cost") -> Interval:
        """A KPI of a method, or of one of its seeds, less that of the reference, paired on the traces;."""
        return self.differences(judged)[kpi]

    def differences(self, judged: Result | Method) -> dict[str, Interval]:
        """The same of every KPI."""
        found: dict[str, Interval] = self._once("differences", judged, self._differences)
        return found

    def relative_cost(self, judged: Result | Method) -> Interval:
        """Cost over the reference's, less 1, paired likewise; NaN unless the reference costs something."""
        found: Interval = self._once("relative_cost", judged, lambda method: relative_cost(method, self.reference_method))
        return found

    def beyond(self, method: Method) -> Interval:
        """How much more than the reference a method costs, or earns where customers pay, paired [money/period]."""
        return self.money.told(self.difference(method))

    def share_beyond(self, method: Method) -> Interval:
        """The same as a share of what the reference spends."""
        return self.money.told(self.relative_cost(method))

    def _differences(self, method: Method) -> dict[str, Interval]:
        return differences(method, self.reference_method, list(method.definitions.values()))

    @cached_property
    def p_values(self) -> dict[str, float]:
        """How likely so large a difference in cost to the reference is by chance, by method's label; Holm's, of all at once."""
        others = [method for method in self.methods if method is not self.reference_method]
        adjusted = holm([p_value(self.difference(method), self.reference_method) for method in others])
        return {method.label: float(value) for method, value in zip(others, adjusted, strict=True)}

    def sign(self, judged: Result | Method) -> int:
        """1 where it costs more than the reference, −1 where less, 0 where they cannot be told apart.

        Of a method, Holm's correction for all comparisons of the table has been made; of one seed of several none is.
        """
        difference = self.difference(judged)
        found = self.p_values.get(self._method(judged).label, p_value(difference, self.reference_method))
        return int(np.sign(difference.estimate)) if found < 1 - CONFIDENCE else 0

    def ladder_same(self, method: str) -> Ladder:
        """What one method costs at every autonomy level it was evaluated at, by its `family`. Raises UnknownName."""
        return ladder_same(self.methods, method)

    def ladder_best(self) -> Ladder:
        """What the cheapest method of each autonomy level costs there."""
        return ladder_best(self.methods)

    @cached_property
    def bound(self) -> Bound | None:
        """What regret is measured against; None where nothing is known."""
        return self.bounds[0] if self.bounds else bound_of(self.methods)

    @cached_property
    def prices(self) -> Prices:
        """Prices and values of autonomy, information, latency and anarchy, and regret: those whose partners were evaluated."""
        return prices_of(self.methods, self.bound, self.largest_gain)

    @cached_property
    def calibration(self) -> list[Calibration]:
        """How well forecasts from elsewhere told the demand of the window; nothing without any."""
        return calibration(self.traces.scenario, self.traces.split)

    @cached_property
    def forecast_notes(self) -> tuple[str, ...]:
        """What was made of forecasts from elsewhere that do not say all that they should; nothing without any."""
        return forecast_notes(self.traces.scenario)

    @cached_property
    def leaving(self) -> list[Leaving]:
        """What sites that learnt for themselves pay, and could gain by leaving what all have learnt."""
        return leaving(self.methods)

    @cached_property
    def alike(self) -> dict[str, tuple[str, ...]]:
        """By label, who makes the same decisions on every trace: what such methods are compared by proves nothing."""
        return alike(self.methods)

    def differing_decisions(self, method: Method) -> float:
        """Share of all orders in which a method differs from the reference; NaN where none were kept."""
        return differing_decisions(method, self.reference_method)

    def order_distance(self, method: Method) -> dict[int, float]:
        """How far a method's orders are from the reference's by echelon [mean demands]; empty where none were kept."""
        return order_distance(method, self.reference_method)

    @cached_property
    def headline(self) -> str:
        """Which autonomy level is cheapest, by how much, and how sure that is."""
        return headline(self.methods)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row for each method and KPI, with estimate, low and high, and the difference to the reference."""
        return frames.of_methods(self.methods, [self.differences(method) for method in self.methods])

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """One row for each autonomy level, policy and episode, all KPIs as columns."""
        return frames.of_results(self.results, "episodes")

    @cached_property
    def sites(self) -> pd.DataFrame:
        """The same by site, over all episodes."""
        return frames.of_results(self.results, "sites")

    @cached_property
    def echelons(self) -> pd.DataFrame:
        """The same by how far sites stand above the customers."""
        return frames.of_results(self.results, "echelons")

    @cached_property
    def products(self) -> pd.DataFrame:
        """The same by product."""
        return frames.of_results(self.results, "products")

    @cached_property
    def segments(self) -> pd.DataFrame:
        """The same by segment of customers."""
        return frames.of_results(self.results, "segments")

    @cached_property
    def lanes(self) -> pd.DataFrame:
        """The lane mix of each autonomy level and policy."""
        return frames.of_results(self.results, "lanes")

    def _method(self, judged: Result | Method) -> Method:
        """The method itself, that of which a result is the only seed, or a result as a method of its own."""
        if isinstance(judged, Method):
            return judged
        alone = next((method for method in self.methods if method.seeds == (judged,)), None)
        return alone or Method(f"{judged.name} (one seed)", judged.name, (judged,))

    @cached_property
    def _kept(self) -> dict[tuple[str, int], tuple[object, Any]]:
        """What was worked out before, by what it is and of whom; with whom it is of, so that nobody else takes the place."""
        return {}

    def _once(self, what: str, judged: Result | Method, work: Callable[[Method], Any]) -> Any:
        whose = judged.seeds[0] if isinstance(judged, Method) and len(judged.seeds) == 1 else judged
        if (what, id(whose)) not in self._kept:
            self._kept[what, id(whose)] = (whose, work(self._method(judged)))
        return self._kept[what, id(whose)][1]


def _difference(one: Any, other: Any) -> str:
    differing = {name: value for name, value in vars(one).items() if value != getattr(other, name)}
    return ", ".join(f"{name} {getattr(value, 'name', value)}" for name, value in differing.items())
