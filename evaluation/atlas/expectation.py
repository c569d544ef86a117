"""What is expected of a network by its factors: a sparse regression for each level, with intervals that hold on others.

The terms are the factors, their squares and their products, of which cross-validation by blocks keeps few (lasso). Intervals
are as wide as nine of ten residuals of networks that were left out are far (split conformal prediction: Vovk, Gammerman and
Shafer, Algorithmic Learning in a Random World, 2005). Predicting needs NumPy alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Stored

from .answers import MORE
from .choice_tree import ChoiceTree, grown
from .design import Atlas
from .factors import BY_NAME

COVERS = 0.9
"""Share of networks whose true value an interval is to hold."""
FOLDS = 5
SHIPPED = "expectation.json"
FEWEST = 60
"""Networks that a model is fitted to at least."""
Matrix = NDArray[np.float64]


class ModelTerm(Stored):
    """A factor, or the product of two (of one with itself: its square), and what it adds."""

    factors: list[str]
    weight: float


class Level(Stored):
    """What is expected of one level: the logarithm of its cost over the first one's."""

    constant: float
    terms: list[ModelTerm]
    half_width: float = Field(ge=0, description="Of the interval")
    explained: float = Field(description="Share of the variance over networks that were set aside (R²)")
    covered: float = Field(description="Share of these that lie within their interval")
    importance: dict[str, float] = Field(description="How much of R² is lost there where a factor is shuffled")


class Expectation(Stored):
    """Of all levels, by the factors of an atlas."""

    reference: str = Field(description="The level that others are compared with")
    factors: dict[str, tuple[float, float]] = Field(description="Their ranges")
    levels: dict[str, Level]
    networks: int = Field(description="How many it was fitted to")
    tree: ChoiceTree | None = Field(None, description="A choice of level in a few questions")

    def places(self, table: pd.DataFrame) -> Matrix:
        """Where networks lie in the ranges, −1 to 1 (M, F)."""
        return _places(table, self.factors)

    def expected(self, table: pd.DataFrame, level: str) -> Matrix:
        """The logarithm of a level's cost over the reference's (M,)."""
        places, names = self.places(table), list(self.factors)
        found = np.full(len(places), self.levels[level].constant)
        for term in self.levels[level].terms:
            found += term.weight * np.prod([places[:, names.index(name)] for name in term.factors], axis=0)
        return found

    def contributions(self, table: pd.DataFrame, level: str) -> dict[str, float]:
        """How far each factor moves what is expected of one network (the first row) from a network in the middle of all."""
        whole, moved = float(self.expected(table, level)[0]), {}
        for name in self.factors:
            least, most = self.factors[name]
            middle = BY_NAME[name].values(np.array([0.5]), least, most)[0]
            moved[name] = whole - float(self.expected(table.assign(**{name: middle}), level)[0])
        return moved


def shipped_expectation() -> Expectation:
    """What the project's own atlas expects. Raises InputError where it is missing."""
    place = files(__package__).joinpath(SHIPPED)
    if not place.is_file():
        raise InputError("advise", "an installation without an atlas", f"one with {SHIPPED}")
    return Expectation.model_validate_json(place.read_text(encoding="utf-8"))


def fitted(atlas: Atlas, table: pd.DataFrame) -> Expectation:
    """Fitted to the networks that are not held out, judged by those that are. Raises InputError for too few."""
    known, aside = table[~table["held_out"]], table[table["held_out"]]
    if len(known) < FEWEST or len(aside) < FOLDS or known["block"].nunique() < 2:
        accepted = f"networks that have been played: at least {FEWEST + FOLDS * 4}, in two blocks or more, for a model"
        raise InputError("study.networks", len(table), accepted)
    ranges = {name: atlas.factors[name] for name in atlas.names}
    sk, blocks = _sklearn(), known["block"].to_numpy()
    folds = list(sk.GroupKFold(min(FOLDS, len(np.unique(blocks)))).split(known, groups=blocks))
    levels = {level: _fitted(sk, level, known, aside, ranges, folds) for level in atlas.levels[1:]}
    tree = grown(known, atlas.names, atlas.levels, folds, sk.DecisionTreeRegressor)
    return Expectation(reference=atlas.levels[0], factors=ranges, levels=levels, networks=len(known), tree=tree)


def _fitted(
    sk: Any,
    level: str,
    known: pd.DataFrame,
    aside: pd.DataFrame,
    ranges: Mapping[str, tuple[float, float]],
    folds: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> Level:
    x, y = _places(known, ranges), known[MORE + level].to_numpy()
    model = sk.make_pipeline(sk.PolynomialFeatures(2, include_bias=False), sk.LassoCV(cv=folds, max_iter=20_000))
    model.fit(x, y)
    alpha = float(model[-1].alpha_)
    once = sk.make_pipeline(sk.PolynomialFeatures(2, include_bias=False), sk.Lasso(alpha=alpha, max_iter=20_000))
    left_out = np.concatenate([np.abs(y[test] - once.fit(x[train], y[train]).predict(x[test])) for train, test in folds])
    half = float(np.quantile(left_out, min(1.0, COVERS * (1 + 1 / len(left_out)))))
    names, weights, powers = list(ranges), model[-1].coef_, model[0].powers_
    terms = [
        ModelTerm(factors=[name for name, power in zip(names, row, strict=True) for _ in range(power)], weight=float(weight))
        for row, weight in zip(powers, weights, strict=True)
        if weight
    ]
    z, truth = _places(aside, ranges), aside[MORE + level].to_numpy()
    shuffled = sk.permutation_importance(model, z, truth, n_repeats=10, random_state=0).importances_mean
    return Level(
        constant=float(model[-1].intercept_),
        terms=terms,
        half_width=half,
        explained=float(model.score(z, truth)),
        covered=float((np.abs(truth - model.predict(z)) <= half).mean()),
        importance=dict(zip(names, map(float, shuffled), strict=True)),
    )


def _places(table: pd.DataFrame, ranges: Mapping[str, tuple[float, float]]) -> Matrix:
    columns = [BY_NAME[name].place(table[name].to_numpy(dtype=float), *ends) for name, ends in ranges.items()]
    return 2.0 * np.column_stack(columns) - 1.0


def _sklearn() -> Any:
    """What of scikit-learn is used. Raises InputError where it is not installed."""
    try:
        from sklearn import inspection, linear_model, model_selection, pipeline, preprocessing, tree
    except ImportError:
        raise InputError("study", "atlas without scikit-learn", "pip install orderup[forecast]") from None
    return SimpleNamespace(
        DecisionTreeRegressor=tree.DecisionTreeRegressor,
        GroupKFold=model_selection.GroupKFold,
        Lasso=linear_model.Lasso,
        LassoCV=linear_model.LassoCV,
        PolynomialFeatures=preprocessing.PolynomialFeatures,
        make_pipeline=pipeline.make_pipeline,
        permutation_importance=inspection.permutation_importance,
    )
