"""A problem as its file states it: keys, cards, generators, and every check of what cannot be.

Imports `demand` and `events`: of a scenario nothing is an array yet.
"""
