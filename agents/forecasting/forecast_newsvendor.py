"""Forecast, and cover what the forecast is usually wrong by.

Letters: B batch, N sites, L lanes, K products, P a lane's protection interval.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from pydantic import Field, PrivateAttr, model_validator

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Periods
from orderup.envs.information.information import Information, internal_orders
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, namespace, positive

from ..base import agents
from ..levels.base_stock import waiting_time
from ..levels.covering import Span, replaced_losses
from ..levels.sources import shared_spans
from ..prospects.forecasts import OwnForecasts
from ..rules.fitted import Numbers
from ..rules.rule import Amounts, Rule
from ..rules.site_demand import each_main_lane
from ..sales.asked import ESTIMATE, AskedFor
from ..size_limits import check_memory
from .boosting import Boosted, Memory, check_installed
from .sales_window import SalesWindow

UNUSED = {
    "moving_average": ("lags", "trend", "seasonal", "season"),
    "holt_winters": ("window", "lags"),
    "gradient_boosting": ("level", "trend", "seasonal", "estimate"),
    "kaplan_meier": ("lags", "level", "trend", "seasonal", "season"),
    "given": ("window", "lags", "estimate"),
}
"""Keys that a method does not look at."""


@agents.register("forecast_newsvendor")
class ForecastNewsvendor(Rule):
    """Order up to the forecast of the ℓ+1 periods that an order protects, plus what the newsvendor adds for its errors.

    `method` moving_average takes the mean of the last `window` periods; holt_winters smooths a level, a trend and, with a
    `season` (the scenario's calendar unless given), its additive indices (Winters 1960, Management Science 6). What a site
    forecasts is its customers' demand and the orders it received. The safety stock is z·σ·√P, z the normal quantile of
    b/(b+h) and σ² the exponentially smoothed square of the errors one period ahead, both started at the network's own numbers.
    Where a site sees sales alone, a period in which its shelf ran out counts as what the forecast lets expect of a demand of at
    least what was sold, its variance as part of the squared error.

    kaplan_meier takes what the newsvendor adds for one period from the distribution of the last `window` periods, as the
    product limit has it of sales that may have been exceeded (Huh, Levi, Rusmevichientong and Orlin, Operations Research 59,
    2011): the level is P means and √P times what the quantile of b/(b+h) is above the mean. The window begins with quantiles of
    normal demand with the network's numbers; what lies beyond the largest sale of all is taken from the same.

    gradient_boosting learns the quantile b/(b+h) of the next P periods itself, from the last `lags` periods, the mean of the
    `window` and the season, once for a scenario and a level, on training episodes in which all order by holt_winters. It needs
    scikit-learn (`pip install orderup[forecast]`).

    given takes the scenario's `forecasts` for what a site's own customers will ask for, and holt_winters for what other sites
    order of it: the means add up, and so do the squares of what the quantiles of b/(b+h) are above them.
    """

    names = ("score",)
    known = frozenset({"demand"})
    method: Literal["moving_average", "holt_winters", "gradient_boosting", "kaplan_meier", "given"] = Field(
        "holt_winters", description="How demand is forecast"
    )
    window: Periods = Field(26, description="Periods of the moving average, and of the distribution")
    lags: Periods = Field(8, description="Last periods that gradient boosting looks at one by one")
    level: float = Field(0.1, ge=0, le=1, description="Weight of the last period in the smoothed level, and in the errors")
    trend: float = Field(0.0, ge=0, le=1, description="Weight of the last change in the trend; 0: no trend")
    seasonal: float = Field(0.1, ge=0, le=1, description="Weight of the last period in its season's index")
    season: int | None = Field(
        None, ge=2, le=10_000, description="Periods in a season; left out: the scenario's calendar, its shortest, if it has one"
    )
    estimate: bool = Field(True, description=ESTIMATE)
    score: Amounts = Field(None, description="z, of safety stock; left out: the newsvendor's")
    _smoothed: Array = PrivateAttr()
    _slope: Array = PrivateAttr()
    _indices: list[Array] = PrivateAttr()
    _seen: deque[Array] = PrivateAttr()
    _square: Array = PrivateAttr()
    _spans: list[Span] = PrivateAttr()
    _lost: Array = PrivateAttr()
    _boosted: Boosted | None = PrivateAttr(default=None)
    _asked: AskedFor = PrivateAttr()
    _sales: SalesWindow | None = PrivateAttr(default=None)
    _chance: Floats = PrivateAttr()
    _given: OwnForecasts | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _all_has_effect(self) -> ForecastNewsvendor:
        for key in UNUSED[self.method]:
            default = type(self).model_fields[key].default
            if getattr(self, key) != default:
                raise InputError(key, getattr(self, key), f"nothing with method={self.method}, which does not look at it")
        return self

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Expect the network's mean, without trend or season."""
        super().begin(context, numbers)
        network, backend = context.network, context.backend
        self._spans = shared_spans(network, waiting_time(context), by_main_lanes=True)
        kept = context.batch * min(self.window, network.scenario.horizon) * network.loads.mean.size
        check_memory("agent.window", self.window, kept, "demand to remember")
        self._given = self._told(context, numbers) if self.method == "given" else None
        mean, deviation = (backend.asarray(values[None]) for values in self._usual(network))
        self._smoothed, self._slope = mean, 0.0 * mean
        self._indices = [0.0 * mean] * (self.season or min(network.scenario.seasons, default=1))
        self._seen = deque([mean] * self.window, maxlen=self.window)
        self._square = deviation**2
        self._asked = AskedFor(network, backend, self.estimate)
        self._sales = self._watched(network, numbers) if self.method == "kaplan_meier" else None
        self._lost = backend.asarray(replaced_losses(network))
        self._boosted = self._learnt(context, numbers) if self.method == "gradient_boosting" else None

    def act(self, information: Information) -> Decision:
        """Learn from the last period, and look ahead."""
        if information.period > information.age:
            self._hear(information)
        if self._sales is not None:
            return self.to_levels(
                self._backend.asarray(self._sales.levels(self._spans, self._chance)) + self._lost, information
            )
        if self._boosted is not None:
            return self.to_levels(
                self._backend.asarray(self._boosted.levels(self._seen, information.period - information.age)), information
            )
        return self.to_levels(positive(self._smoothed_levels(information)) + self._lost, information)

    def _smoothed_levels(self, information: Information) -> Array:
        """What is expected, and what that is usually wrong by (B, L, K); of own customers as forecasts have it where given."""
        ahead = {span.mean: self._expected(information.period, span.mean) for span in self._spans}
        spread, xp = self._square**0.5, namespace(self._square)
        to = list(enumerate(zip(self._network.topology.destination, self._spans, strict=True)))
        mean = xp.stack([ahead[span.mean][:, site] for _, (site, span) in to], axis=1)
        errors = [self._number["score"][:, lane] * self._error(span, spread[:, site], site) for lane, (site, span) in to]
        error = xp.stack(xp.broadcast_arrays(*errors), axis=1)
        if self._given is None:
            return mean + error
        own, square = self._given.over(information)
        both = square + error * xp.abs(error)
        return own + mean + xp.sign(both) * xp.abs(both) ** 0.5

    @property
    def taken_into_account(self) -> frozenset[str]:
        """With forecasts where they are gone by."""
        return self.known | {"forecasts"} if self.method == "given" else self.known

    def _usual(self, network: Network) -> tuple[Floats, Floats]:
        """Mean and deviation of what is forecast here (N, K): all that a site covers, or what others order of it."""
        mean, deviation = network.loads.mean[:, :, 0], network.loads.deviation[:, :, 0]
        if self.method != "given":
            return mean, deviation
        others = np.maximum(mean - network.demand.own_mean, 0.0)
        variance = np.maximum(deviation**2 - network.demand.own_deviation**2, 0.0)
        return others, np.where(others > 0, variance**0.5, 0.0)

    def _told(self, context: Context, numbers: Mapping[str, Any]) -> OwnForecasts:
        """The scenario's forecasts over each lane's span. Raises InputError where it has none, or with a score to be fitted."""
        network = context.network
        if network.forecasts is None:
            raise InputError("agent.method", "given", "a scenario with `forecasts`, or another method")
        if self.fitted:
            raise InputError("agent.fitted", True, "false with given: its quantiles are the file's")
        chance = np.where(network.topology.is_main, scipy.stats.norm.cdf(numbers["score"]), 0.5)
        return OwnForecasts(network, context.backend, self._spans, chance)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The normal quantile of b/(b+h)."""
        (score,) = each_main_lane(
            network, wait, lambda site: (float(scipy.stats.norm.ppf(site.shortage / (site.shortage + site.holding))),)
        )
        return {"score": score}

    def _watched(self, network: Network, numbers: Mapping[str, Any]) -> SalesWindow:
        """The window of kaplan_meier. Raises InputError with a score to be fitted."""
        if self.fitted:
            raise InputError("agent.fitted", True, "false with kaplan_meier: its quantiles are those of what was seen")
        self._chance = scipy.stats.norm.cdf(numbers["score"])
        return SalesWindow(network, self._asked, self.window)

    def _learnt(self, context: Context, numbers: Mapping[str, Any]) -> Boosted:
        """Quantile models for every lane. Raises InputError without scikit-learn, or with a score to be fitted."""
        if self.fitted:
            raise InputError("agent.fitted", True, "false with gradient_boosting: its quantiles are learnt by themselves")
        check_installed()
        memory = Memory(self.lags, self.window, self.season or min(context.network.scenario.seasons, default=None))
        quantiles = np.where(context.network.topology.is_main, scipy.stats.norm.cdf(numbers["score"]), np.nan)
        return Boosted(context, memory, np.array([round(span.mean) for span in self._spans]), quantiles)

    def _expected(self, period: int, periods: float) -> Array:
        """What is expected in so many periods, part of the last one where lead times are random."""
        full = int(periods)
        found = self._ahead(period, full)
        return found if periods == full else found + (periods - full) * (self._ahead(period, full + 1) - found)

    def _error(self, span: Span, spread: Array, site: int) -> Array:
        """What a forecast of a span is wrong by, its length included (B, K)."""
        deviation = spread * float(span.mean) ** 0.5
        if not span.further:
            return deviation
        return (deviation**2 + span.variance * self._smoothed[:, site] ** 2) ** 0.5

    def _ahead(self, period: int, periods: int) -> Array:
        """What is expected in all of the next periods, this one included (B, N, K)."""
        if self.method == "moving_average":
            return periods * sum(self._seen) / self.window
        steps = periods * (periods + 1) / 2
        indices = [self._indices[(period + step) % len(self._indices)] for step in range(periods)]
        return positive(periods * self._smoothed + steps * self._slope + sum(indices))

    def _hear(self, information: Information) -> None:
        """Take note of the last period, by sales where those are all that is seen."""
        period, received = information.period - 1, internal_orders(information)
        if self._sales is not None:
            self._sales.hear(information)
            return
        if self._given is not None:
            self._learn(received, period)
            return
        expected = None if self._asked.sees_all else self._ahead(period, 1) * self._asked.share
        deviation = None if self._asked.sees_all else self._square**0.5 * self._asked.share_of_deviation
        asked = self._asked.own(information, expected, deviation)
        self._learn(asked.demand + received, period, asked.doubt)

    def _learn(self, demand: Array, period: int, doubt: Array | None = None) -> None:
        """Correct the forecast by the demand (B, N, K) of a period, which is known but for a variance of `doubt`."""
        error = demand - self._ahead(period, 1)
        square = error**2 if doubt is None else error**2 + doubt
        self._square = self.level * square + (1.0 - self.level) * self._square
        self._seen.append(demand)
        place, before = period % len(self._indices), self._smoothed
        index = self._indices[place]
        self._smoothed = self.level * (demand - index) + (1.0 - self.level) * (before + self._slope)
        self._slope = self.trend * (self._smoothed - before) + (1.0 - self.trend) * self._slope
        if len(self._indices) > 1:
            self._indices[place] = self.seasonal * (demand - self._smoothed) + (1.0 - self.seasonal) * index
