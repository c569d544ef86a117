"""Thin adapters: the one simulator as PettingZoo, Gymnasium and Stable-Baselines3 know environments."""
