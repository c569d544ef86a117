"""The simulator as PettingZoo, Gymnasium and Stable-Baselines3 know environments. Thin; imports everything in `envs`."""
