"""Everybody who can act, ranked at one level. Imports `comparison`, `tables` and `report`."""
