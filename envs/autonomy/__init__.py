"""The level of autonomy as data: who knows what, who decides what, how often, how late.

Imports `network`, whose places a purview names.
"""
