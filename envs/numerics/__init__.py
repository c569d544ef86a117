"""Arrays in NumPy and PyTorch alike, counter-based random numbers, sums over "which rows belong to which".

Imports `foundation` alone.
"""
