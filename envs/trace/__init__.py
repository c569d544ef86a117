"""All randomness of an episode, drawn before it starts.

Imports `network` and what is below it, and of `physics` the shocks that a period takes.
"""
