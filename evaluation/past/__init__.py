"""The past once more: what a policy would have ordered on recorded demand, against what was ordered, by the same KPIs.

Imports `comparison`, which it is one of, `deciding`, whose words for tables it has, and what they import.
"""
