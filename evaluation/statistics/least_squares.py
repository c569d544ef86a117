"""Least squares with intervals that allow for errors of different size. Letters: M rows, F columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

Floats = NDArray[np.float64]


def slopes(x: Floats, y: Floats, means: int, alike: bool = False) -> tuple[Floats, Floats]:
    """Slopes (F,) and half their 95 % intervals, of rows (M, F) and (M,) that so many `means` have been taken off.

    Errors are `alike` or each its own (HC2: MacKinnon and White, Journal of Econometrics 29, 1985); without any degree of
    freedom left intervals have no end.
    """
    inverse, freedom = np.linalg.pinv(x.T @ x), len(y) - means - x.shape[1]
    found = inverse @ x.T @ y
    if freedom < 1:
        return found, np.full(len(found), np.inf)
    residuals = y - x @ found
    leverage = np.einsum("mf,fg,mg->m", x, inverse, x) + means / len(x)
    own = np.full(len(y), residuals @ residuals / freedom) if alike else residuals**2 / np.maximum(1.0 - leverage, 1e-6)
    variance = np.diag(inverse @ (x.T * own) @ x @ inverse)
    return found, float(t.ppf(0.975, freedom)) * np.sqrt(variance)


def without_means(rows: Floats, groups: NDArray[np.int64]) -> Floats:
    """Rows (M, F) less the mean of their group's."""
    found: Floats = rows - pd.DataFrame(rows).groupby(groups).transform("mean").to_numpy()
    return found
