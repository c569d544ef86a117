"""Backpropagation of episodes' cost through the simulator. Imports `learning` and `networks`."""
