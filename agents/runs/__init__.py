"""A training as a folder: settings, checkpoints, metrics; written in one step, locked, verified when read.

Imports `learning`.
"""
