"""Rules that forecast: a moving average, quantiles by gradient boosting. Imports `rules` and `levels`."""
