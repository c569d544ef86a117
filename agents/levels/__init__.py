"""Base-stock levels: closed forms, their search by simulation, and the agents that go by them.

Imports `exact` and `gradients`.
"""
