"""All agents that can act, ranked at one autonomy level. Imports `comparison`, `tables` and `report`."""
