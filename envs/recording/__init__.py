"""A fixed sequence of array operations, recorded once on symbols and run by one compiled loop over blocks of a batch.

Imports NumPy alone, and Numba where it is there; knows nothing of supply networks.
"""
