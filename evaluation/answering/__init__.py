"""A planner's answer in one go: how far her sites can be left to themselves, at equal service, which first, and what if.

Imports `comparison`, `page` for its looks, `report` for the details beside it, and what they import.
"""
