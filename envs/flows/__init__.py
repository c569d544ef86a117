"""How goods and orders move, as functions of arrays: the order of ordering, rationing, packs, pipelines.

Imports `numerics` alone.
"""
