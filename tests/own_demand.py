"""Demand processes as somebody would write them in a project of his own."""

from __future__ import annotations

from typing import Any

from scipy import stats

from orderup.envs.demand import FromDistribution
from orderup.envs.demand.sums import OneProduct


class OwnPoisson(FromDistribution):
    """Poisson, told by its distribution alone, so that all that is made of it can be compared with the project's own."""

    scales = ("mean",)
    mean: float

    def one_period(self, product: str) -> OneProduct:
        return stats.poisson(self.mean)


class OwnFour(FromDistribution):
    """Every whole number from 0 to 4 is as likely."""

    def one_period(self, product: str) -> OneProduct:
        return stats.randint(0, 5)


class Erlang(FromDistribution):
    """The time of four phases: gamma of shape 4, of the same scale for each product."""

    scales = ("scale",)
    scale: float

    def one_period(self, product: str) -> OneProduct:
        return stats.gamma(4, scale=self.scale)


class Rough(FromDistribution):
    """A normal that is often below nothing."""

    def one_period(self, product: str) -> OneProduct:
        return stats.norm(1, 2)


class Endless(FromDistribution):
    """No distribution of anything: its quantiles have no end."""

    def one_period(self, product: str) -> Any:
        return stats.uniform(0, float("inf"))
