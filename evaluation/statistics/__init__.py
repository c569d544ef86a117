"""Intervals, paired differences, two-level bootstrap, families of comparisons: numbers alone. Imports no other room."""
