"""Forecasts from outside: quantiles of demand in a file, as any tool writes them, and what is known of them when.

Imports `demand` and what is below it.
"""
