"""What a scenario is compiled to: names, structure and numbers as arrays, which never change during an episode.

Imports `scenario`, `mechanisms` and what is below them.
"""
