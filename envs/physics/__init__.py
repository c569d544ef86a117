"""A period of the network: its state, what moves, how decisions become orders, what it costs.

Pure functions over arrays. Imports `network` and what is below it; knows nobody who decides.
"""
