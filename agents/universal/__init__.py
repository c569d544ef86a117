"""One policy for every network: weights shared by all sites, lanes and products.

Imports `universal.features`, `sales`, `gradients`, `learning` and `runs`.
"""
