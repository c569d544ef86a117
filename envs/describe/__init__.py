"""Scenarios, levels, observations, actions and events in words. Imports everything in `envs` but `rendering` and `api`."""
