"""Scenarios, autonomy levels, observations, actions and events in words. Imports all of `envs` but `rendering` and `api`."""
