"""Policies trained by the gradient of simulated cost. Imports `gradients` and `learning`."""
