"""The centre of a batch of episodes, with what it believes and what waits there; actions and rewards of learners.

Imports `information` and what is below it.
"""
