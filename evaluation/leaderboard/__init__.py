"""A leaderboard that others can enter: tasks with hashes, entries of numbers and keys and never code, judged anew by anybody.

Imports `league`, `studies` and `atlas`.
"""
