"""How much can be left to the sites, by what a network is like: a designed experiment over networks, and what it says of one.

Imports `studies` and what is below it.
"""
