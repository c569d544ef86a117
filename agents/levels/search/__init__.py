"""The best levels, by simulation: down the gradient, then by trying neighbours on the same episodes.

Imports `levels` and `gradients`.
"""
