"""Local rules: one class to a file, by a site's own inventory records, with numbers that are given, in closed form or fitted.

Imports `levels` and `exact`.
"""
