"""One policy for every network: weights shared by all sites, lanes and products. Imports `levels`, `sales` and `gradients`."""
