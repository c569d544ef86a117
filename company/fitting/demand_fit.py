"""Demand fitted to a record: season, family and numbers of every series, held against periods that were kept back.

Letters: S series, T periods, N sites.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..cleaning.demand_record import DemandRecord
from .family import DemandFamily, Numbers, families
from .season import Season, phases_of, season_of
from .windows import Spans
from .year import WEEK, YearOfDays, year_of_days

LARGE = 30.0
"""Mean demand from which whole numbers may as well be any."""
NOTHING = 0.02
"""The share of periods without any demand from which on it is counted in whole units, whatever it is."""
QUANTILES = (0.5, 0.9, 0.95)


@dataclass(frozen=True)
class SiteFit:
    """What demand at a site is like."""

    site: int
    series: NDArray[np.int64]
    """Which series of the record it is about."""
    family: str
    numbers: Numbers
    """(S of the site,) each."""
    season: Season | None


@dataclass(frozen=True)
class HeldOut:
    """How the fit to the periods before does on those that were kept back."""

    periods: int
    cells: int
    bias: float
    """What was asked for over what was expected, less 1."""
    covered: dict[float, float]
    """The share of cells up to each quantile."""

    @property
    def sentence(self) -> str:
        """In words."""
        shares = ", ".join(
            f"{100 * share:.0f} % up to the {100 * quantile:.0f} % quantile" for quantile, share in self.covered.items()
        )
        return f"the last {self.periods} periods, kept back: demand {100 * self.bias:+.1f} % of what was expected, {shares}"


@dataclass(frozen=True)
class DemandFit:
    """All sites' demand."""

    sites: tuple[SiteFit, ...]
    phases: NDArray[np.int64] | None
    held_out: HeldOut
    start: int
    """The phase of the first period after the record."""
    year: YearOfDays | None = None
    """What days show of a year; None where periods are longer, or nothing shows."""

    def residuals(self, record: DemandRecord) -> Floats:
        """Normal scores (S, T) of the demand there was, NaN where it is not known."""
        import scipy.special

        scores = np.full(record.shape, np.nan)
        for fit in self.sites:
            demand = record.demand[fit.series]
            low, high = families.find(fit.family)().below(demand, _factors(fit.season, self.phases, demand.shape), fit.numbers)
            middle = np.clip((low + high) / 2, 1e-6, 1 - 1e-6)
            scores[fit.series] = np.where(np.isnan(demand), np.nan, scipy.special.ndtri(middle))
        return scores


def fitted(record: DemandRecord, spans: Spans, asked: str | None = None, seasons: bool = True) -> DemandFit:
    """Fit every site's demand; `asked` names the family, else the likeliest before the test window does it.

    Raises InputError for one that can have no season, where there is one.
    """
    phases = phases_of(record.periods, record.first, record.length) if seasons else None
    season = None if phases is None else season_of(record.demand, phases, record.periods)
    by_site = [np.flatnonzero(record.site == number) for number in range(len(record.sites))]
    owns, year = _with_year(record, by_site, [_own_season(record, series, phases, season) for series in by_site], phases, spans)
    if asked is not None and not families.find(asked).seasonal and any(own is not None for own in owns):
        seasonal = [name for name in families if families.find(name).seasonal]
        raise InputError("family", f"{asked}, of demand with a season", f"{', '.join(seasonal)}; or seasons=false")
    found = []
    for number, (series, own) in enumerate(zip(by_site, owns, strict=True)):
        chosen = asked or _chosen(record.demand[series], _factors(own, phases, record.demand[series].shape), spans)
        factors = _factors(own, phases, record.demand[series].shape)
        found.append(SiteFit(number, series, chosen, families.find(chosen)().fit(record.demand[series], factors), own))
    after = phases_of(record.periods, record.first + record.length, 1)
    checked = _held_out(record, found, phases, spans)
    return DemandFit(tuple(found), phases, checked, 0 if after is None else int(after[0]), year)


def _own_season(
    record: DemandRecord, series: NDArray[np.int64], phases: NDArray[np.int64] | None, common: Season | None
) -> Season | None:
    """A site's own weekdays, where days are periods; else the network's common year."""
    if phases is None or record.periods.unit != "day":
        return common
    return season_of(record.demand[series], phases, record.periods)


def _with_year(
    record: DemandRecord,
    by_site: Sequence[NDArray[np.int64]],
    weekdays: Sequence[Season | None],
    phases: NDArray[np.int64] | None,
    spans: Spans,
) -> tuple[Sequence[Season | None], YearOfDays | None]:
    """Sites' weekdays with the network's common year, where days show one that is believed; and what they show of it."""
    if phases is None or record.periods.unit != "day":
        return weekdays, None
    factors = np.ones(record.shape)
    for series, own in zip(by_site, weekdays, strict=True):
        factors[series] = _factors(own, phases, factors[series].shape)
    year = year_of_days(record.demand, factors, phases, spans)
    if year is None or not year.is_believed:
        return weekdays, year
    return [Season(np.ones(WEEK) if own is None else own.factors, year.factors) for own in weekdays], year


def _factors(season: Season | None, phases: NDArray[np.int64] | None, shape: tuple[int, ...]) -> Floats:
    if season is None or phases is None:
        return np.ones(shape)
    return np.broadcast_to(season.over(phases), shape)


def _chosen(demand: Floats, factors: Floats, spans: Spans) -> str:
    """The family by which what was before the test window is likeliest, less what its numbers take (Schwarz, 1978)."""
    before = slice(0, spans.test[0])
    enough = np.asarray((~np.isnan(demand[:, before])).sum(axis=1) >= 2)
    if not enough.any():
        return "negative_binomial" if _is_whole(demand) else "normal"
    demand, factors = demand[enough, before], factors[enough, before]
    price = 0.5 * float(np.log((~np.isnan(demand)).sum(axis=1)).sum())
    scores: dict[str, float] = {}
    for name in _candidates(demand, factors):
        family = families.find(name)()
        numbers = family.fit(demand, factors)
        if family.fits(numbers):
            scores[name] = float(np.nansum(family.score(demand, factors, numbers))) - price * family.parameters
    return max(scores, key=lambda name: scores[name], default="negative_binomial" if _is_whole(demand) else "lognormal")


def _candidates(demand: Floats, factors: Floats) -> Sequence[str]:
    """Families that demand may have: on the whole numbers where it is whole, or often nothing; others where it is neither."""
    whole, large = _is_whole(demand), float(np.nanmean(demand)) > LARGE
    often_nothing = float((demand == 0).sum()) > NOTHING * float((~np.isnan(demand)).sum())
    plain = bool((factors == 1).all())

    def may(family: DemandFamily) -> bool:
        counts = whole or often_nothing
        return (counts if family.whole else not whole or large) and (family.seasonal or plain)

    return [name for name in families if may(families.find(name)())]


def _is_whole(demand: Floats) -> bool:
    known = demand[~np.isnan(demand)]
    return bool((known == np.rint(known)).all())


def _held_out(record: DemandRecord, found: Sequence[SiteFit], phases: NDArray[np.int64] | None, spans: Spans) -> HeldOut:
    """Every site's family, fitted to all but the test window, on that."""
    before, test = slice(0, spans.test[0]), slice(spans.test[0], spans.test[1] + 1)
    asked = expected = cells = 0.0
    under = dict.fromkeys(QUANTILES, 0.0)
    for fit in found:
        demand = record.demand[fit.series]
        factors, family = _factors(fit.season, phases, demand.shape), families.find(fit.family)()
        numbers = family.fit(demand[:, before], factors[:, before])
        learnt = np.asarray((~np.isnan(demand[:, before])).any(axis=1))
        known = ~np.isnan(demand[:, test]) & learnt[:, None]
        there, scale = demand[:, test], factors[:, test]
        asked += float(np.where(known, there, 0.0).sum())
        expected += float(np.where(known, numbers["mean"][:, None] * scale, 0.0).sum())
        cells += float(known.sum())
        for share in QUANTILES:
            under[share] += _share_below(family, share, there, scale, numbers, known)
    shares = {share: count / max(cells, 1.0) for share, count in under.items()}
    return HeldOut(spans.test[1] - spans.test[0] + 1, int(cells), asked / max(expected, 1e-12) - 1, shares)


def _share_below(
    family: DemandFamily, share: float, demand: Floats, factors: Floats, numbers: Numbers, known: NDArray[np.bool_]
) -> float:
    """How many cells are up to a quantile; one that lies in the middle of its step counts in part."""
    low, high = family.below(demand, factors, numbers)
    part = np.clip((share - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
    return float(np.where(known, part, 0.0).sum())
